/** Whether a job can go on without a worker that it has lost: a pure function, so that every case can be tried. */
import type { Deployment, WorkerInfo } from '../control/schemas.ts';
import type { TaskRef } from '../job/task-id.ts';

export interface Loss {
  readonly worker: WorkerInfo;
  /** The leader's own. */
  readonly hostname: string;
  /** What the worker hosted and had not finished; a sink is never finished before the job is. */
  readonly unfinished: readonly Pick<TaskRef, 'stage'>[];
  readonly sinkStage: number;
  readonly sink: Deployment['sink'];
  readonly store: Deployment['store'];
  /** Losses in a row, this one included, since a task got further than ever before. */
  readonly withoutProgress: number;
}

/** Losses without progress after which the job is given up: more than chance kills, few enough to end a loop of crashes. */
const MAX_LOSSES_WITHOUT_PROGRESS = 20;

/** Gives why the job cannot go on; undefined if it can. Of a source that can be read only once, its journal decides: who goes on with it finds out. */
export function whyLost({ worker, hostname, unfinished, sinkStage, sink, store, withoutProgress }: Loss): string | undefined {
  const hosts = (stage: number) => unfinished.some((task) => task.stage === stage);
  if (worker.edgeOfJob !== undefined && hosts(sinkStage)) return 'it is the command whose stdout the job uses';
  if (store === undefined) return 'with --delivery best-effort nothing is kept from which another could go on';
  // What is not seen dead may still write; and this store is one of one machine.
  if (worker.hostname !== hostname) return `it ran on ${worker.hostname}, where it cannot be seen dead from here`;
  if (hosts(sinkStage) && sink.kind === 'device') return `what it had written to ${sink.path} cannot be taken back`;
  if (withoutProgress > MAX_LOSSES_WITHOUT_PROGRESS) return `${withoutProgress} workers in a row were lost before the job got any further`;
  return undefined;
}
