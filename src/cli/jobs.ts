/** `rainstorm jobs`: live and ended jobs of the data folder, the newest first. */
import { RainstormError } from '../base/errors.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { JobView } from '../control/views.ts';
import { readJobRecord, readJobRecords, stateOfRecord, type JobRecord } from '../leader/job-record.ts';
import { foundJob } from './find-job.ts';
import { formatDuration } from './progress.ts';
import { formatTable, type Cell } from './table.ts';
import { Terminal } from './terminal.ts';

export interface ListJobsOptions {
  readonly dataDir: string;
  readonly json: boolean;
}

/** One job as `--json` prints it; null where nothing is known. */
interface JobLine {
  readonly job: string;
  /** A JobState, `died` (its leader is gone without having written an end), `hosted` or `left` (a worker's share of a job that is led from elsewhere, live or over), or `unknown` (its files are broken or missing). */
  readonly state: string;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly durationMs: number | null;
  /** Tuples that the source has given. */
  readonly inTuples: number | null;
  /** Tuples that the sinks have taken. */
  readonly outTuples: number | null;
  readonly dest: string | null;
  readonly logs: string | null;
}

const HEADERS = ['JOB', 'STATE', 'STARTED', 'DURATION', 'IN', 'OUT', 'DEST'];

export async function listJobs({ dataDir, json }: ListJobsOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const records = await readJobRecords(dataDir);
  for (const problem of records.flatMap((record) => record.problems)) terminal.remark(problem);
  const lines = await Promise.all(records.map(async (record) => lineOf(await upToDate(record, dataDir, terminal))));
  if (json) return terminal.printJson(lines);
  if (lines.length === 0) return terminal.remark(`no jobs in ${dataDir}`);
  await terminal.print(formatTable(HEADERS, lines.map(cellsOf)));
}

/** What is on disk of a live job is as old as its start; its leader knows better, unless the job ends while we ask. */
async function upToDate(record: JobRecord, dataDir: string, terminal: Terminal): Promise<JobRecord> {
  if (record.standing !== 'live') return record;
  try {
    const { job, client } = foundJob(record);
    return { ...record, view: await client.call(leaderRoutes.job, undefined, { params: { job } }) };
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    const now = await readJobRecord(dataDir, record.job);
    if (now?.standing === 'live') terminal.remark(`job ${record.job} is shown as it was at its start: ${error.message}`);
    return now ?? record;
  }
}

function lineOf(record: JobRecord): JobLine {
  const { view } = record;
  return {
    job: record.job,
    state: record.standing === 'live' ? (view?.state ?? 'waiting') : stateOfRecord(record),
    startedAt: view?.startedAt ?? null,
    endedAt: view?.endedAt ?? null,
    durationMs: durationOf(record),
    inTuples: view?.stages[0]?.outTuples ?? null,
    outTuples: view?.stages.at(-1)?.inTuples ?? null,
    dest: view?.dest ?? null,
    logs: view?.logs ?? null,
  };
}

/** Nobody knows when a leader died. */
function durationOf({ standing, view }: { readonly standing: JobRecord['standing']; readonly view: JobView | undefined }): number | null {
  const end = view?.endedAt ?? (standing === 'live' ? new Date().toISOString() : undefined);
  return view === undefined || end === undefined ? null : Math.max(0, Date.parse(end) - Date.parse(view.startedAt));
}

function cellsOf(line: JobLine): Cell[] {
  return [
    line.job,
    line.state,
    line.startedAt === null ? undefined : localTime(line.startedAt),
    line.durationMs === null ? undefined : formatDuration(line.durationMs),
    line.inTuples ?? undefined,
    line.outTuples ?? undefined,
    line.dest ?? undefined,
  ];
}

/** `2025-03-01 12:00:00`, by the clock on the user's wall. Swedish writes times the way they sort. */
function localTime(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}
