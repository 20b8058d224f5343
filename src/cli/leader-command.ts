/** `rainstorm leader`: takes jobs from `run --leader URL` and places them on the workers that join, until it is told to end. */
import { join, resolve } from 'node:path';
import { serveLeader } from '../api/leader-server.ts';
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { isSameProcessAlive, processStartTime } from '../base/process-identity.ts';
import { checkListenAddress, type ListenAddress } from '../control/http-server.ts';
import { readLeaderFile, removeLeaderFile, writeLeaderFile, type LeaderFile } from '../leader/job-folder.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';
import { readJobRecords } from '../leader/job-record.ts';
import { Leader } from '../leader/leader.ts';
import { ANY_LOCAL_PORT, parseListenAddress } from '../launch/listen-address.ts';
import { makeToken } from '../launch/make-token.ts';
import { formatError } from './print-error.ts';
import { openProcessLog, type LogLevel } from './process-log.ts';
import { onEndingSignals } from './signals.ts';
import { Terminal } from './terminal.ts';
import { givenToken } from './token.ts';

export interface LeaderCommandOptions {
  readonly dataDir: string;
  readonly listen?: string;
  readonly tokenFile?: string;
  /** Take over the jobs of the leader that died in this folder. */
  readonly resume?: boolean;
  readonly keep: KeepLimits;
  /** Of what it says on stderr. */
  readonly logLevel: LogLevel;
}

export async function leaderCommand(options: LeaderCommandOptions): Promise<number> {
  const dataDir = resolve(options.dataDir);
  const before = options.resume === true ? await deadLeader(dataDir) : undefined;
  const given = await givenToken(options.tokenFile);
  const token = given ?? before?.token ?? makeToken();
  // Where the workers look for it.
  const usual = before === undefined ? ANY_LOCAL_PORT : addressOf(before.url);
  const listen = options.listen === undefined ? usual : parseListenAddress(options.listen, ANY_LOCAL_PORT);
  checkListenAddress(listen, given !== undefined);
  const leader = await Leader.start({ dataDir, token, clock: systemClock, keep: options.keep, replacesWorkers: false, resumes: before !== undefined });
  const ended = Promise.withResolvers<number>();
  const off = onEndingSignals(() => ended.resolve(0), () => process.exit(1));
  try {
    const server = await serveLeader({ leader, token, tokenGiven: given !== undefined, listen, sessionsPath: join(dataDir, 'web-sessions.json') });
    const say = await openProcessLog({ name: 'leader', level: options.logLevel });
    say('START', `leader pid=${process.pid} url=${server.url}`);
    leader.log.listen(say);
    await writeLeaderFile(dataDir, { url: server.url, token, pid: process.pid, startTime: processStartTime(process.pid) });
    if (before !== undefined) await resumeJobs(leader, dataDir, before);
    leader.resumed();
    // Who does not read it finds it in the leader's file.
    await new Terminal().print(`${server.url}\n`);
    const status = await ended.promise;
    await leader.cancelAll();
    await removeLeaderFile(dataDir);
    await server.close();
    return status;
  } finally {
    off();
    leader.close();
  }
}

/** The leader that wrote its file in this folder and is gone. Throws NOT_RESUMABLE. */
async function deadLeader(dataDir: string): Promise<LeaderFile> {
  const before = await readLeaderFile(dataDir);
  if (before === undefined) throw new RainstormError('NOT_RESUMABLE', `no leader has died in ${dataDir}`, { hint: 'Start one without --resume.' });
  if (isSameProcessAlive(before.pid, before.startTime)) throw new RainstormError('NOT_RESUMABLE', `the leader in ${dataDir} lives, as process ${before.pid}`);
  return before;
}

/** Takes over what that leader led and had not ended. */
async function resumeJobs(leader: Leader, dataDir: string, before: LeaderFile): Promise<void> {
  for (const record of await readJobRecords(dataDir)) {
    if (record.standing !== 'died' || record.leader?.pid !== before.pid) continue;
    try {
      await leader.resume(record.job, true);
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      process.stderr.write(`${formatError(error)}\n`);
    }
  }
}

function addressOf(url: string): ListenAddress {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}
