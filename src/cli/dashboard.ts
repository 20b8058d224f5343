/** `rainstorm dashboard`: a link that logs a browser in to the dashboard of a leader that lives. */
import { RainstormError } from '../base/errors.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';
import { ControlClient } from '../control/client.ts';
import { readLeaderFile } from '../leader/job-folder.ts';
import { readJobRecords } from '../leader/job-record.ts';
import { newDashboardLink, openWhereSeen } from './dashboard-link.ts';
import { chooseJob, findJob, foundJob, noLiveJob } from './find-job.ts';
import { EXIT_INTERRUPTED, onEndingSignals } from './signals.ts';
import { Terminal } from './terminal.ts';
import { givenToken } from './token.ts';

export interface DashboardOptions {
  readonly dataDir: string;
  /** Its leader, where several live. */
  readonly job?: string | undefined;
  /** A leader somewhere else, whose token the user has. */
  readonly leader?: string | undefined;
  readonly tokenFile?: string | undefined;
  readonly open: boolean;
  readonly json: boolean;
}

/**
 * Where no leader lives, the dashboard of the jobs that have ended is served here until `enough`. Throws NO_LIVE_JOB where
 * there are none of those either; UNKNOWN_JOB, USAGE, WRONG_TOKEN, UNREACHABLE.
 */
export async function dashboard(options: DashboardOptions, terminal: Terminal = new Terminal(), enough?: Promise<void>): Promise<void> {
  const client = await findLeader(options);
  if (client !== undefined) return await show(client, options, terminal);
  const { serveEnded } = await import('./ended-dashboard.ts');
  const shown = async (ended: ControlClient) => {
    await show(ended, options, terminal);
    terminal.remark(`no leader lives in ${options.dataDir}: this shows the jobs that have ended, until Ctrl-C`);
  };
  await serveEnded(options.dataDir, shown, enough ?? interrupted());
}

async function show(client: ControlClient, { open, json }: DashboardOptions, terminal: Terminal): Promise<void> {
  const url = await newDashboardLink(client);
  if (json) await terminal.printJson({ url });
  else await terminal.print(`${url}\n`);
  if (open) await openWhereSeen(url, (line) => terminal.remark(line));
}

async function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const off = onEndingSignals(() => resolve(), () => process.exit(EXIT_INTERRUPTED));
  await promise;
  off();
}

/** Undefined where none lives, and there are jobs that have ended. */
async function findLeader({ dataDir, job, leader, tokenFile }: DashboardOptions): Promise<ControlClient | undefined> {
  if (leader !== undefined) return await named(leader, tokenFile);
  if (job !== undefined) return (await chooseJob({ dataDir, job }))?.standing === 'ended' ? undefined : (await findJob({ dataDir, job })).client;
  const standing = await readLeaderFile(dataDir);
  if (standing !== undefined && isSameProcessAlive(standing.pid, standing.startTime)) return new ControlClient(standing.url, standing.token);
  return await onlyLeader(dataDir);
}

async function named(url: string, tokenFile: string | undefined): Promise<ControlClient> {
  const token = await givenToken(tokenFile);
  if (token !== undefined) return new ControlClient(url, token);
  throw new RainstormError('WRONG_TOKEN', `the leader at ${url} wants a token`, { hint: 'Give it with --token-file FILE or RAINSTORM_TOKEN.' });
}

/** Jobs of one leader have one dashboard; each `run` has a leader of its own. */
async function onlyLeader(dataDir: string): Promise<ControlClient | undefined> {
  const records = await readJobRecords(dataDir);
  const live = records.filter((record) => record.standing === 'live');
  const [first] = live;
  if (first === undefined) {
    if (records.some((record) => record.standing === 'ended')) return undefined;
    throw noLiveJob(dataDir, records);
  }
  if (live.every((record) => record.leader.url === first.leader.url)) return foundJob(first).client;
  throw new RainstormError('USAGE', `jobs of several leaders are live in ${dataDir}: ${live.map((record) => record.job).join(', ')}`, { hint: 'Say whose dashboard you mean: --job JOB' });
}
