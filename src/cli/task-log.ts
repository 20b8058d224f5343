/**
 * The bytes of one log, wherever they are.
 *
 * L1 While a job lives its leader is asked, which asks the worker that has the log: only that one need have the file.
 * L2 A job that ends takes its leader with it, often before everything was sent. Where the file lies here, the rest is
 *    read from it.
 */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';
import { reasonOf } from '../base/system-reason.ts';
import { followFile } from '../control/follow-file.ts';
import { readJobRecord, type JobRecord } from '../leader/job-record.ts';
import { foundJob } from './find-job.ts';
import type { Terminal } from './terminal.ts';

export type LiveRecord = JobRecord & { readonly standing: 'live' };

export interface FollowOptions {
  readonly dataDir: string;
  /** Go on until the job ends. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

/** L1, L2. Throws UNREACHABLE and whatever the leader answers. */
export async function* liveLog(record: LiveRecord, task: string, options: FollowOptions): AsyncGenerator<Uint8Array> {
  const { follow, signal } = options;
  let sentBytes = 0;
  try {
    for await (const bytes of await foundJob(record).client.log(record.job, task, { follow }, signal)) {
      sentBytes += bytes.length;
      yield bytes;
    }
  } catch (error) {
    if (signal.aborted) return;
    const path = logPath(record, task);
    if (!existsSync(path)) throw asExpected(error, task);
    yield* fileLog(path, sentBytes);
    await remarkIfLive(record, task, error, options);
  }
}

/** The leader's own log; with `follow` until none of these jobs is live any more. */
export function leaderLog(path: string, live: readonly LiveRecord[], { follow, signal }: Pick<FollowOptions, 'follow' | 'signal'>): AsyncIterable<Uint8Array> {
  const isLive = ({ folder, leader }: LiveRecord) => existsSync(join(folder, 'leader.json')) && isSameProcessAlive(leader.pid, leader.startTime);
  return follow ? followFile(path, () => signal.aborted || !live.some(isLive)) : fileLog(path);
}

/** A log that lies here. Throws UNKNOWN_TASK if it does not, or cannot be read. */
export async function* fileLog(path: string, start = 0): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { start }) as AsyncIterable<Buffer>;
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new RainstormError('UNKNOWN_TASK', `cannot read the log ${path}: ${reasonOf(cause)}`, { cause });
  }
}

export function logPath(record: JobRecord, task: string): string {
  return join(record.folder, 'logs', `${task}.log`);
}

/** That the end of a job cuts its logs' readers off needs no word; anything else does. */
async function remarkIfLive(record: LiveRecord, task: string, error: unknown, { dataDir, follow, terminal }: FollowOptions): Promise<void> {
  const now = await readJobRecord(dataDir, record.job);
  if (follow && now?.standing === 'live') terminal.remark(`the log of task ${task} can no longer be followed: ${messageOf(error)}`);
}

/** A connection that breaks within the answer gives an error of the system's. */
function asExpected(error: unknown, task: string): unknown {
  if (error instanceof RainstormError || errnoOf(error) === undefined) return error;
  return new RainstormError('UNREACHABLE', `the log of task ${task} broke off: ${messageOf(error)}`, { cause: error });
}
