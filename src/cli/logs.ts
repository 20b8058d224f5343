/** `rainstorm logs`: what tasks, or the leader, have written down. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import { namesIn } from '../base/names-in.ts';
import { leaderRoutes } from '../control/routes.ts';
import { parseTaskId, taskId } from '../job/task-id.ts';
import { readJobRecord, readJobRecords, stateOfRecord, type JobRecord } from '../leader/job-record.ts';
import { chooseJob, foundJob, noLiveJob, type FindJobOptions, type FoundJob } from './find-job.ts';
import { jsonLine, lineFilter, linesOf, plainLine } from './log-lines.ts';
import { fileLog, leaderLog, liveLog, logPath, type FollowOptions, type LiveRecord } from './task-log.ts';
import { byPlace, unknownTask } from './task-names.ts';
import { tasksOf } from './tasks.ts';
import { Terminal } from './terminal.ts';

export interface ShowLogsOptions extends FindJobOptions {
  /** A task (`2-0`), or `leader`; undefined for all tasks, each line behind its task. */
  readonly task?: string | undefined;
  /** Only lines that match this regular expression. */
  readonly grep?: string | undefined;
  /** Go on until the job ends. */
  readonly follow: boolean;
  /** A JSON object a line: task, time, event, text. */
  readonly json: boolean;
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
}

interface Log {
  /** A task's id, or `leader`. */
  readonly task: string;
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

const LEADER = 'leader';
const LOG_SUFFIX = '.log';

/** A job that waits for its workers is looked at this often, and when it begins. */
const LOOK_MS = 2_000;

/**
 * Of the one live job, or the one named; where none is live, of the newest. Throws NO_LIVE_JOB when there is no job at all,
 * UNKNOWN_JOB, UNKNOWN_TASK, UNREACHABLE, and USAGE for a bad `grep`.
 */
export async function showLogs(options: ShowLogsOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const wanted = lineFilter(options.grep);
  const closed = new AbortController();
  const signal = options.signal === undefined ? closed.signal : AbortSignal.any([closed.signal, options.signal]);
  const logs = await chooseLogs(options, { dataDir: options.dataDir, follow: options.follow, signal, terminal });
  const show = async ({ task, bytes }: Log) => {
    for await (const line of linesOf(bytes())) {
      if (signal.aborted) return;
      if (!wanted(line)) continue;
      const printed = options.json ? jsonLine(line, task) : plainLine(line, options.task === undefined ? `${task} ` : '');
      if ((await terminal.print(printed)) === 'closed') closed.abort();
    }
  };
  if (logs.length === 1 && logs[0] !== undefined) return await show(logs[0]);
  const shown = async (log: Log) => {
    // One log that cannot be had does not hide the others.
    await show(log).catch((error: unknown) => remarkOf(error, terminal));
  };
  if (options.follow) await Promise.all(logs.map(shown));
  else for (const log of logs) await shown(log);
}

async function chooseLogs(options: ShowLogsOptions, following: FollowOptions): Promise<Log[]> {
  if (options.task === LEADER) return await logOfLeader(options, following);
  const record = (await chooseJob(options)) ?? (await newestJob(options.dataDir, following.terminal));
  if (record.standing !== 'live') return await storedLogs(record, options.task, following.terminal);
  try {
    return await liveLogs(record, options.task, following);
  } catch (error) {
    if (!(error instanceof RainstormError) || error.code === 'UNKNOWN_TASK') throw error;
    const now = await readJobRecord(options.dataDir, record.job);
    if (now === undefined || now.standing === 'live') throw error;
    return await storedLogs(now, options.task, following.terminal);
  }
}

async function newestJob(dataDir: string, terminal: Terminal): Promise<JobRecord> {
  const records = await readJobRecords(dataDir);
  const newest = records[0];
  if (newest === undefined) throw noLiveJob(dataDir, records);
  terminal.remark(`no job is live; these are the logs of the newest, ${newest.job} (${stateOfRecord(newest)})`);
  return newest;
}

async function liveLogs(record: LiveRecord, task: string | undefined, following: FollowOptions): Promise<Log[]> {
  const found = foundJob(record);
  const tasks = await tasksOf(found);
  const ids = tasks.map(taskId);
  if (task !== undefined && !ids.includes(task)) throw unknownTask(`job ${record.job} has no task ${task}`, tasks);
  if (await isWaiting(found, following)) {
    following.terminal.remark(`job ${record.job} still waits for its workers, and has no logs yet`);
    return [];
  }
  return ids.filter((id) => task === undefined || id === task).map((id) => ({ task: id, bytes: () => liveLog(record, id, following) }));
}

/** Who follows waits for the begin. */
async function isWaiting({ client, job }: FoundJob, { follow, signal }: FollowOptions): Promise<boolean> {
  for (;;) {
    const query: Record<string, string> = follow ? { state: 'waiting', waitMs: String(LOOK_MS) } : {};
    const { state } = await client.call(leaderRoutes.job, undefined, { params: { job }, query });
    if (state !== 'waiting') return false;
    if (!follow || signal.aborted) return true;
  }
}

async function storedLogs(record: JobRecord, task: string | undefined, terminal: Terminal): Promise<Log[]> {
  const tasks = (await namesIn(join(record.folder, 'logs'))).flatMap((name) => (name.endsWith(LOG_SUFFIX) ? (parseTaskId(name.slice(0, -LOG_SUFFIX.length)) ?? []) : []));
  const ids = tasks.toSorted(byPlace).map(taskId);
  if (ids.length === 0) {
    terminal.remark(`no logs of job ${record.job} are in ${record.folder}; those of workers with a data folder of their own are there`);
    return [];
  }
  if (task !== undefined && !ids.includes(task)) throw unknownTask(`there is no log of a task ${task} of job ${record.job}`, tasks);
  return ids.filter((id) => task === undefined || id === task).map((id) => ({ task: id, bytes: () => fileLog(logPath(record, id)) }));
}

async function logOfLeader({ dataDir, job }: ShowLogsOptions, following: FollowOptions): Promise<Log[]> {
  const path = join(dataDir, 'logs', `${LEADER}${LOG_SUFFIX}`);
  if (!existsSync(path)) throw new RainstormError('UNKNOWN_TASK', `there is no leader's log in ${dataDir}`, { hint: 'rainstorm run and rainstorm leader write it.' });
  const live = (await readJobRecords(dataDir)).filter((record) => record.standing === 'live' && (job === undefined || record.job === job)) as LiveRecord[];
  return [{ task: LEADER, bytes: () => leaderLog(path, live, following) }];
}

function remarkOf(error: unknown, terminal: Terminal): void {
  if (!(error instanceof RainstormError)) throw error;
  terminal.remark(error.message);
}
