/** `rainstorm scale`: gives a stage of a running job another number of tasks. */
import { RainstormError } from '../base/errors.ts';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import { leaderRoutes } from '../control/routes.ts';
import { findJob, type FindJobOptions } from './find-job.ts';
import { Terminal } from './terminal.ts';

export interface ScaleOptions extends FindJobOptions {
  /** As `rainstorm tasks` shows it. */
  readonly stage: string;
  readonly tasks: string;
  readonly json: boolean;
}

/** What the stage was fed may have to be fed again, which takes as long as its operator needs. It goes on if nobody waits any more. */
const SCALE_TIMEOUT_MS = 10 * 60_000;

/** Resolves when the stage has that many tasks. Throws USAGE, UNKNOWN_STAGE, NOT_SCALABLE, NO_LIVE_JOB, UNKNOWN_JOB, UNREACHABLE. */
export async function scale(options: ScaleOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const stage = readStage(options.stage);
  const tasks = readTasks(options.tasks);
  const { job, client } = await findJob(options);
  const scaled = await client.call(leaderRoutes.scale, { tasks }, { params: { job, stage: String(stage) }, timeoutMs: SCALE_TIMEOUT_MS });
  if (options.json) return terminal.printJson(scaled);
  const number = scaled.from === scaled.to ? `${scaled.to}` : `${scaled.from} -> ${scaled.to}`;
  await terminal.print(`stage ${scaled.stage} (${scaled.name}): ${number} ${scaled.to === 1 ? 'task' : 'tasks'}\n`);
}

function readStage(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RainstormError('USAGE', `"${text}" is no number of a stage`, { hint: 'As in rainstorm scale 2 4, which gives stage 2 four tasks; rainstorm tasks shows the stages.' });
}

function readTasks(text: string): number {
  const tasks = Number(text);
  if (/^\d{1,9}$/.test(text) && tasks >= 1 && tasks <= MAX_TASKS_PER_STAGE) return tasks;
  throw new RainstormError('USAGE', `"${text}" is no number of tasks`, { hint: `A stage has 1 to ${MAX_TASKS_PER_STAGE} tasks, as in rainstorm scale 2 4.` });
}
