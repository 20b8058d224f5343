/** One job from the leader's door to its result. */
import { randomInt } from 'node:crypto';
import { resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { StdinSource } from '../connect/stdin-source.ts';
import { ControlClient } from '../control/client.ts';
import { parseChaos, type ChaosRate } from '../job/chaos-argument.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { isStdin } from '../leader/prepare-job.ts';
import { LocalCluster } from '../launch/local-cluster.ts';
import { newJobId } from '../launch/job-id.ts';
import { peekHeader } from '../launch/peek-header.ts';
import type { Target } from '../launch/live-job.ts';
import { RunningJob } from './running-job.ts';
import type { RunOptions } from './run-options.ts';
import { EXIT_INTERRUPTED, onEndingSignals } from './signals.ts';
import { givenToken } from './token.ts';
import type { WorkerProcess } from '../launch/worker-processes.ts';

export interface JobRequest {
  readonly spec: JobSpec;
  /** How many workers the job wants. */
  readonly workers: number;
  /** The first record of the source is a header, which has to be known before the job is planned. */
  readonly readsHeader: boolean;
  /** Workers that were started for this job; none where the user named a leader. */
  readonly children: readonly WorkerProcess[];
  readonly options: RunOptions;
}

/** Runs the job and gives the exit status. Throws what is wrong with it. */
export async function runJob({ spec, workers, readsHeader, children, options }: JobRequest): Promise<number> {
  const stdin = isStdin(spec) ? new StdinSource(process.stdin) : undefined;
  const chaos = chaosFrom(options);
  const target = await findTarget(options, children);
  const { interrupted, off } = watchSignals(target);
  const job = new RunningJob(newJobId(), target, options);
  try {
    const firstRecord = readsHeader ? await peekHeader(stdin, spec, interrupted.signal) : undefined;
    if (interrupted.signal.aborted) return EXIT_INTERRUPTED;
    return await beside(options, target, interrupted.signal, async () => {
      await job.submit(spec, { stdin, firstRecord, workers });
      return await amid(chaos, target, job, () => followed(job, interrupted.signal));
    });
  } finally {
    off();
    await stdin?.close();
    await job.end();
    await target.cluster?.end();
  }
}

export interface ResumeRequest {
  readonly job: string;
  readonly children: readonly WorkerProcess[];
  readonly options: RunOptions;
}

/** Goes on with a job whose processes are all gone, and gives the exit status. Throws UNKNOWN_JOB, NOT_RESUMABLE. */
export async function resumeJob({ job: name, children, options }: ResumeRequest): Promise<number> {
  const target = await findTarget(options, children);
  const { interrupted, off } = watchSignals(target);
  const job = new RunningJob(name, target, options);
  try {
    await target.cluster?.resume(name);
    return await beside(options, target, interrupted.signal, () => followed(job, interrupted.signal));
  } finally {
    off();
    await job.end();
    await target.cluster?.end();
  }
}

async function followed(job: RunningJob, interrupted: AbortSignal): Promise<number> {
  const view = await job.follow(interrupted);
  return job.conclude(view, interrupted.aborted);
}

/** With the dashboard, where that is asked for. One of another leader stays there anyway. */
async function beside(options: RunOptions, { client, cluster }: Target, interrupted: AbortSignal, action: () => Promise<number>): Promise<number> {
  if (options.ui !== true) return await action();
  const { stayForDashboard, tellDashboard } = await import('./run-ui.ts');
  await tellDashboard(client, options);
  const status = await action();
  if (cluster !== undefined) await stayForDashboard(interrupted, client);
  return status;
}

interface ChaosWish {
  readonly rates: readonly ChaosRate[];
  readonly seed: number;
}

/** Throws USAGE. */
function chaosFrom({ chaos, chaosSeed, leader }: RunOptions): ChaosWish | undefined {
  if (chaos === undefined) return undefined;
  const rates = parseChaos(chaos);
  if (leader !== undefined) throw new RainstormError('USAGE', 'chaos is for the workers that run starts itself, not for those of another leader', { hint: 'Leave out --leader.' });
  if (rates.some(({ kind }) => kind === 'leader')) {
    throw new RainstormError('USAGE', 'the leader of this job would be the command itself, which cannot be killed by itself and go on', { hint: 'Kill tasks and workers: --chaos tasks:2s,workers:10s' });
  }
  return { rates, seed: chaosSeed ?? randomInt(2 ** 32) };
}

/** Kills while the job runs, and says afterwards what was killed. */
async function amid(wish: ChaosWish | undefined, target: Target, job: RunningJob, action: () => Promise<number>): Promise<number> {
  if (wish === undefined || target.cluster === undefined) return await action();
  const { Chaos } = await import('./chaos.ts');
  const chaos = new Chaos({ ...wish, job: job.name, client: target.client, cluster: target.cluster, clock: systemClock });
  const ended = new AbortController();
  const killing = chaos.run(ended.signal);
  try {
    return await action();
  } finally {
    ended.abort();
    await killing;
    job.tellChaos(chaos.summary());
  }
}

/** The first signal asks for an orderly end of the job, the next ends everything. */
function watchSignals(target: Target): { readonly interrupted: AbortController; readonly off: () => void } {
  const interrupted = new AbortController();
  const off = onEndingSignals(() => interrupted.abort(), () => {
    target.cluster?.kill();
    process.exit(EXIT_INTERRUPTED);
  });
  return { interrupted, off };
}

async function findTarget(options: RunOptions, children: readonly WorkerProcess[]): Promise<Target> {
  if (options.leader === undefined) {
    const cluster = await LocalCluster.start({ workers: children, dataDir: resolve(options.dataDir), keep: options.keep });
    return { client: new ControlClient(cluster.url, cluster.token), token: cluster.token, cluster };
  }
  const token = await givenToken(options.tokenFile);
  if (token === undefined) {
    throw new RainstormError('WRONG_TOKEN', `the leader at ${options.leader} wants a token`, { hint: 'Give it with --token-file FILE or RAINSTORM_TOKEN.' });
  }
  return { client: new ControlClient(options.leader, token), token, cluster: undefined };
}
