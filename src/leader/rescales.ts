/**
 * Other numbers of tasks for the stages of a running job.
 *
 * RS1 One rescale is under way at a time. What is asked for meanwhile waits; of several requests for a stage the last counts.
 * RS2 The tasks of the next generation are placed when all that they take the place of have ended: so they find in their journals
 *     all that they begin with, and the next stage has acked all that those put out.
 * RS3 A generation that ended since its input did has no successors.
 * RS4 Of a stage whose contract is `replay` the tasks stand still first, and nobody goes over unless all of them can.
 * RS5 Once a producer has gone over, a rescale is gone through with, also by the next leader.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import type { EventLog } from '../base/event-log.ts';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import { mustFreeze, notScalable } from '../job/hand-over.ts';
import type { StagePlan } from '../job/plan.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';
import { generationOfStage, stageBefore, stageNumbered, stageTasks, type Rescaling } from '../job/topology.ts';
import { removeJobLogs } from './clean-up.ts';
import type { JobPlacing } from './job-placing.ts';
import type { JobStages } from './job-stages.ts';

export interface RescalesOptions {
  readonly job: string;
  readonly stages: JobStages;
  readonly placing: JobPlacing;
  readonly statuses: ReadonlyMap<string, TaskStatus>;
  readonly log: Pick<EventLog, 'text'>;
  /** Where journals are kept, without which there is no state to go on with. */
  readonly hasStore: boolean;
  readonly running: () => boolean;
  /** The tasks of a generation are superseded by others, which have begun: nobody needs what they wrote down. Throws STORE_FAILED. */
  readonly removeLogsOf: (tasks: readonly TaskRef[]) => Promise<void>;
  /** Runs what may fail the job. */
  readonly guard: (action: () => Promise<void>) => Promise<void>;
}

/** How far a rescale is: `moving` where some task has put something out and can not stand still, `ended` where no producer has gone over. */
type Outcome = 'open' | 'frozen' | 'moving' | 'superseded' | 'ended';

interface Request {
  tasks: number;
  readonly done: PromiseWithResolvers<void>;
}

export class Rescales {
  readonly #options: RescalesOptions;
  readonly #requests = new Map<number, Request>();
  #underWay: Request | undefined;
  #advancing = false;

  constructor(options: RescalesOptions) {
    this.#options = options;
  }

  /** `number`: of one of the job's stages. `tasks`: 1 to 256. Resolves when it has them, or the job has ended. Rejects with NOT_SCALABLE, at once. */
  async scale(number: number, tasks: number): Promise<void> {
    this.#check(number, tasks);
    // Behind `end`, nobody would resolve it.
    if (!this.#options.running()) return;
    const request = this.#requests.get(number) ?? { tasks, done: Promise.withResolvers<void>() };
    request.tasks = tasks;
    this.#requests.set(number, request);
    this.#beginNext();
    await request.done.promise;
  }

  /** Workers have said how far their tasks are. */
  look(): void {
    const { stages, running } = this.#options;
    const { rescaling } = stages.topology;
    if (rescaling === undefined || this.#advancing || !running()) return;
    const outcome = this.#outcome();
    if (outcome === 'open') return;
    this.#advancing = true;
    void this.#options.guard(async () => {
      const isOver = await this.#goOn(outcome, rescaling);
      this.#advancing = false;
      if (!isOver) return this.look();
      if (outcome === 'moving') this.#underWay?.done.reject(this.#movingError(rescaling.stage));
      this.#underWay?.done.resolve();
      this.#underWay = undefined;
      this.#beginNext();
    });
  }

  /** The job has ended. */
  end(): void {
    this.#underWay?.done.resolve();
    for (const { done } of this.#requests.values()) done.resolve();
    this.#requests.clear();
  }

  #beginNext(): void {
    const { job, stages, placing, running, guard, log } = this.#options;
    if (stages.topology.rescaling !== undefined || this.#advancing) return;
    for (const [stage, request] of this.#requests) {
      this.#requests.delete(stage);
      const present = stageNumbered(stages.plan, stage)?.tasks;
      if (!running() || present === request.tasks || this.#isEnding(stage)) {
        request.done.resolve();
        continue;
      }
      this.#underWay = request;
      const plan = stageNumbered(stages.plan, stage);
      stages.begin({ stage, tasks: request.tasks, ...(plan !== undefined && mustFreeze(plan) ? { freezing: true } : {}) });
      placing.stagesChanged();
      log.text('RESCALE', `job=${job} stage ${stage}: ${present} -> ${request.tasks} begun`);
      void guard(() => placing.settle());
      return;
    }
  }

  /** RS2, RS3: `superseded` where some producer has gone over to the next generation, and so all that have not ended. */
  #outcome(): Outcome {
    const { stages: { topology } } = this.#options;
    const { rescaling } = topology;
    if (rescaling === undefined) return 'open';
    const next = generationOfStage(topology, rescaling.stage) + 1;
    const producers = this.#statusesOf(stageBefore(topology, rescaling.stage));
    const tasks = this.#statusesOf(rescaling.stage);
    if (rescaling.freezing === true) return freezingOutcome(tasks);
    if (!producers.every((status) => (status?.outGeneration ?? 0) >= next || (isAtEnd(status) && status?.switching !== true))) return 'open';
    if (!producers.some((status) => (status?.outGeneration ?? 0) >= next)) return 'ended';
    return tasks.every((status) => status?.state === 'finished') ? 'superseded' : 'open';
  }

  /** Gives false where the rescale is not over with it. */
  async #goOn(outcome: Outcome, rescaling: Rescaling): Promise<boolean> {
    if (outcome === 'superseded') return this.#advance(rescaling);
    if (outcome !== 'frozen') return this.#cancel(rescaling, outcome === 'moving' ? 'it has put something out' : 'its input has ended');
    this.#options.stages.frozen();
    this.#options.placing.stagesChanged();
    await this.#options.placing.settle();
    return false;
  }

  #movingError(stage: number): RainstormError {
    const name = stageNumbered(this.#options.stages.plan, stage)?.name ?? '';
    return refused(`stage ${stage} (${name})`, 'its contract is replay, and it has put something out already', 'A stage with state can be rescaled at any time under the contracts snapshot and fold, one without under restart.');
  }

  #statusesOf(stage: number): (TaskStatus | undefined)[] {
    return stageTasks(this.#options.stages.topology, stage).map((task) => this.#options.statuses.get(taskId(task)));
  }

  /** RS2. Gives false where it is not time any more: a worker was lost, and with it one that had ended. */
  async #advance({ stage, tasks }: Rescaling): Promise<boolean> {
    const { job, stages, placing, log, removeLogsOf } = this.#options;
    const before = stageTasks(stages.topology, stage);
    if (!(await placing.advance(() => this.#outcome() === 'superseded'))) return false;
    await placing.settle();
    log.text('RESCALE', `job=${job} stage ${stage}: ${before.length} -> ${tasks} done`);
    await removeJobLogs({ log, removeLogs: () => removeLogsOf(before) });
    return true;
  }

  /** RS3 */
  async #cancel({ stage, tasks }: Rescaling, why: string): Promise<boolean> {
    const { job, stages, placing, log } = this.#options;
    stages.cancel();
    placing.stagesChanged();
    log.text('RESCALE', `job=${job} stage ${stage}: ${why}, it does not get ${tasks} tasks`);
    await placing.settle();
    return true;
  }

  /** Throws NOT_SCALABLE. */
  #check(number: number, tasks: number): void {
    const { stages, hasStore } = this.#options;
    const stage = stageNumbered(stages.plan, number);
    // Who asks from outside is told before (scale-on-request.ts).
    invariant(stage !== undefined, `stage ${number} is one of the job's`);
    invariant(Number.isInteger(tasks) && tasks >= 1 && tasks <= MAX_TASKS_PER_STAGE, `a stage may have ${tasks} tasks`);
    const title = `stage ${number} (${stage.name})`;
    if (!hasStore) throw refused(title, 'the job keeps no journals', 'Without --delivery best-effort it does.');
    this.#checkStage(stage, title);
  }

  #checkStage(stage: StagePlan, title: string): void {
    const { stages } = this.#options;
    const refusal = notScalable(stage);
    if (refusal !== undefined) throw refused(title, refusal.reason, refusal.hint);
    const isLast = stage === stages.plan.stages.at(-1);
    if (isLast && stages.topology.parts) throw refused(title, 'each of its tasks writes a file of its own', 'The last stage keeps its number of tasks where the destination is a folder.');
    if (this.#isEnding(stage.number)) throw refused(title, 'it is at the end of its input');
  }

  /** Some task has seen all of its input, or had enough. */
  #isEnding(stage: number): boolean {
    return this.#statusesOf(stage).some(isAtEnd);
  }
}

/** Of tasks that were asked to stand still. */
function freezingOutcome(tasks: readonly (TaskStatus | undefined)[]): Outcome {
  if (tasks.some((status) => status?.frozen === false || isAtEnd(status))) return 'moving';
  return tasks.every((status) => status?.frozen === true) ? 'frozen' : 'open';
}

function isAtEnd(status: TaskStatus | undefined): boolean {
  return status?.state === 'draining' || status?.state === 'finished';
}

function refused(title: string, reason: string, hint?: string): RainstormError {
  return new RainstormError('NOT_SCALABLE', `${title} cannot have another number of tasks: ${reason}`, hint === undefined ? {} : { hint });
}
