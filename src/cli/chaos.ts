/** Kills tasks and workers of a running job on a schedule, and notes how long each takes to come back. */
import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { TaskView } from '../control/views.ts';
import type { ChaosRate } from '../job/chaos-argument.ts';
import { ChaosRecord, type ChaosSummary } from '../leader/chaos-record.ts';
import { ChaosSchedule, type Victim } from '../leader/chaos-schedule.ts';
import type { LocalCluster } from '../launch/local-cluster.ts';

/** How exactly recoveries are told, at a hundred small requests a second at most. */
const LOOK_MS = 20;

/** While nothing is to come back and nothing is due, there is less to look at. */
const IDLE_LOOK_MS = 100;

export interface ChaosOptions {
  readonly rates: readonly ChaosRate[];
  readonly seed: number;
  readonly job: string;
  readonly client: ControlClient;
  readonly cluster: LocalCluster;
  readonly clock: Clock;
}

/** What a victim's recovery is told by. */
type IsBack = (tasks: readonly TaskView[]) => boolean;

export class Chaos {
  readonly #options: ChaosOptions;
  readonly #schedule: ChaosSchedule;
  readonly #record: ChaosRecord;
  readonly #open = new Map<Victim, IsBack>();

  constructor(options: ChaosOptions) {
    const now = options.clock.now();
    this.#options = options;
    this.#schedule = new ChaosSchedule(options.rates, options.seed, now);
    this.#record = new ChaosRecord(options.seed, now);
  }

  /** Kills until the job has ended. */
  async run(ended: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!ended.aborted) {
      const tasks = await this.#tasks();
      if (tasks === undefined) return;
      this.#noteRecoveries(tasks);
      const due: Victim[] = [];
      this.#schedule.killDue(clock.now(), this.#living(tasks), (victim) => due.push(victim));
      for (const victim of due) await this.#kill(victim, tasks);
      const lookMs = this.#open.size > 0 ? LOOK_MS : IDLE_LOOK_MS;
      await clock.wait(Math.max(0, Math.min(lookMs, this.#schedule.nextAt - clock.now())), ended);
    }
  }

  summary(): ChaosSummary {
    return this.#record.summary();
  }

  /** Undefined when there is nobody left to ask. */
  async #tasks(): Promise<readonly TaskView[] | undefined> {
    const { client, job } = this.#options;
    return await quietly(() => client.call(leaderRoutes.tasks, undefined, { params: { job } }));
  }

  #living(tasks: readonly TaskView[]): Victim[] {
    const operators = tasks.filter((task) => task.pid !== null && task.state === 'running').map((task): Victim => ({ kind: 'tasks', name: idOf(task) }));
    const workers = this.#options.cluster.workerNames().map((name): Victim => ({ kind: 'workers', name }));
    return [...operators, ...workers];
  }

  async #kill(victim: Victim, tasks: readonly TaskView[]): Promise<void> {
    const { client, job, cluster, clock } = this.#options;
    const killedAt = clock.now();
    const isKilled = victim.kind === 'workers'
      ? cluster.killWorker(victim.name, 'by chaos')
      : (await quietly(() => client.call(leaderRoutes.killTask, undefined, { params: { job, task: victim.name }, query: { by: 'chaos' } }))) !== undefined;
    if (!isKilled) return;
    this.#record.killed(victim, killedAt);
    this.#open.set(victim, victim.kind === 'workers' ? workerIsBack(victim.name, tasks) : taskIsBack(victim.name, tasks));
  }

  #noteRecoveries(tasks: readonly TaskView[]): void {
    for (const [victim, isBack] of this.#open) {
      if (!isBack(tasks)) continue;
      this.#open.delete(victim);
      this.#record.recovered(victim, this.#options.clock.now());
    }
  }
}

/** A later attempt of it has a process, or it has nothing left to do. */
function taskIsBack(name: string, before: readonly TaskView[]): IsBack {
  const attempt = before.find((task) => idOf(task) === name)?.attempt ?? 0;
  return (tasks) => tasks.some((task) => idOf(task) === name && task.attempt > attempt && hasBegun(task));
}

/** Later attempts of all that it hosted have begun elsewhere. */
function workerIsBack(name: string, before: readonly TaskView[]): IsBack {
  const attempts = new Map(before.filter((task) => task.worker === name && task.state !== 'finished').map((task) => [idOf(task), task.attempt]));
  return (tasks) => tasks.every((task) => task.attempt > (attempts.get(idOf(task)) ?? 0) && hasBegun(task));
}

function hasBegun({ state }: TaskView): boolean {
  return state !== 'starting';
}

function idOf({ stage, index }: TaskView): string {
  return `${stage}-${index}`;
}

/** A job that has just ended, or a task that has, answers no more: that is no failure of the one who kills. */
async function quietly<Reply>(call: () => Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof RainstormError) return undefined;
    throw error;
  }
}
