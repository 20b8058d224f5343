/** Which faults a simulated job suffers, and when: so many of each as the seed says, at moments that it chooses. */
import { RainstormError } from '../../src/base/errors.ts';
import { taskId } from '../../src/job/task-id.ts';
import { consumersOf, producersOf } from '../../src/job/topology.ts';
import type { SimOperator } from './sim-operator.ts';
import type { HostedAttempt } from './sim-task.ts';
import type { SimWorker } from './sim-worker.ts';
import type { World } from './world.ts';

/** How many of each kind at most, and in one of how many steps, while there are some left. */
const KINDS = {
  crashOperator: { most: [0, 1, 3, 8], oneIn: 80 },
  killWorker: { most: [0, 0, 1, 4], oneIn: 150 },
  freezeWorker: { most: [0, 0, 1, 3], oneIn: 150 },
  cutConnection: { most: [0, 1, 4, 10], oneIn: 80 },
  stallConnection: { most: [0, 2, 6], oneIn: 80 },
  succeedLeader: { most: [0, 0, 1, 3], oneIn: 150 },
  blackOut: { most: [0, 0, 0, 1], oneIn: 400 },
} as const;

type Kind = keyof typeof KINDS;

/** So many turns a frozen worker stands still, at most. */
const MAX_FROZEN_TURNS = 40;

/** What was left out must outlive its worker and the cut of the journal: so many die in a job, in one of so many steps. */
const MOST_DEATHS_BEHIND_SKIPS = 3;
const DEATH_BEHIND_SKIP_ONE_IN = 60;

const RESCALE_ONE_IN = 60;
const MOST_TASKS = 4;

export class Disturbances {
  readonly #world: World;
  readonly #left: [Kind, number][];
  #deathsBehindSkips = 0;
  #rescalesLeft: number;

  constructor(world: World) {
    this.#world = world;
    this.#rescalesLeft = world.shape.rescales;
    const { random } = world.scheduler;
    this.#left = (Object.keys(KINDS) as Kind[]).map((kind) => [kind, KINDS[kind].most[random.below(KINDS[kind].most.length)] as number]);
  }

  /** After each step. */
  strike(): void {
    for (const entry of this.#left) {
      const [kind, left] = entry;
      if (left > 0 && this.#world.scheduler.chance(KINDS[kind].oneIn) && this.#do(kind)) entry[1] = left - 1;
    }
    if (this.#rescalesLeft > 0 && this.#chance(RESCALE_ONE_IN)) this.#rescale();
    if (this.#deathsBehindSkips < MOST_DEATHS_BEHIND_SKIPS) this.#killBehindSkip();
  }

  /** Gives false where there was nothing to do it to. */
  #do(kind: Kind): boolean {
    switch (kind) {
      case 'crashOperator':
        return this.#crashOperators();
      case 'killWorker':
        return this.#killWorkers();
      case 'freezeWorker':
        return this.#freezeWorker();
      case 'cutConnection':
        return this.#cutConnection();
      case 'stallConnection':
        return this.#stallConnection();
      case 'succeedLeader':
        return this.#succeedLeader();
      case 'blackOut':
        return this.#blackOut();
    }
  }

  /** One, or with it one of a neighbour. */
  #crashOperators(): boolean {
    const running = this.#running();
    const hosted = this.#oneOf(running.filter(({ operators }) => operators.some(({ alive }) => alive)));
    if (hosted === undefined) return false;
    this.#crash(hosted);
    const neighbour = this.#chance(4) ? this.#oneOf(running.filter((other) => this.#areNeighbours(hosted, other) && other.operators.some(({ alive }) => alive))) : undefined;
    if (neighbour === undefined) return true;
    this.#crash(neighbour);
    this.#world.faults.count('neighboursCrashed');
    return true;
  }

  #crash(hosted: HostedAttempt): void {
    this.#oneOf<SimOperator>(hosted.operators.filter(({ alive }) => alive))?.crash();
    this.#world.faults.count('operatorCrashes');
    this.#noteMoment([hosted]);
  }

  #killWorkers(): boolean {
    const worker = this.#oneOf(this.#busyWorkers());
    if (worker === undefined) return false;
    this.#kill(worker);
    const other = this.#chance(4) ? this.#oneOf(this.#busyWorkers()) : undefined;
    if (other === undefined) return true;
    this.#kill(other);
    this.#world.faults.count('workersDiedTogether');
    return true;
  }

  #kill(worker: SimWorker): void {
    this.#noteMoment(this.#running().filter(({ process }) => process === worker.process));
    this.#world.faults.count('workerDeaths');
    this.#world.killWorker(worker);
  }

  #killBehindSkip(): void {
    if (!this.#world.hasSkipped || !this.#chance(DEATH_BEHIND_SKIP_ONE_IN)) return;
    const leavers = new Set(this.#running().filter((hosted) => this.#world.hasLeftOut(hosted)).map(({ process }) => process));
    const worker = this.#oneOf(this.#busyWorkers().filter(({ process }) => leavers.has(process)));
    if (worker === undefined) return;
    this.#deathsBehindSkips += 1;
    this.#world.faults.count('deathsBehindSkips');
    this.#kill(worker);
  }

  /** What cannot be is refused, and nothing comes of it. */
  #rescale(): void {
    const { leader, scheduler, shape, faults } = this.#world;
    const stage = this.#oneOf(shape.stages.flatMap(({ program, contract }, index) => (program === 'head' || (program === 'running' && contract === 'snapshot') ? [] : [index + 1])));
    if (stage === undefined || leader.run?.state !== 'running') return;
    this.#rescalesLeft -= 1;
    faults.count('rescalesAsked');
    const tasks = 1 + scheduler.random.below(MOST_TASKS);
    leader.process.run(() => void leader.run?.scale(stage, tasks).catch((error: unknown) => {
      if (!(error instanceof RainstormError) || error.code !== 'NOT_SCALABLE') throw error;
      faults.count('rescalesRefused');
    }));
  }

  #freezeWorker(): boolean {
    const worker = this.#oneOf(this.#busyWorkers());
    if (worker === undefined) return false;
    this.#world.faults.count('freezes');
    this.#world.freezeWorker(worker, this.#world.scheduler.random.below(MAX_FROZEN_TURNS), this.#chance(2));
    return true;
  }

  #cutConnection(): boolean {
    const socket = this.#oneOf(this.#world.connections);
    if (socket === undefined) return false;
    this.#world.faults.count('cuts');
    socket.cut();
    return true;
  }

  #stallConnection(): boolean {
    const socket = this.#oneOf(this.#world.connections);
    if (socket === undefined) return false;
    this.#world.faults.count('stalls');
    socket.stall();
    return true;
  }

  #succeedLeader(): boolean {
    const kill = this.#chance(2);
    this.#world.faults.count(kill ? 'leaderDeaths' : 'leadersDeposed');
    this.#world.succeed(kill);
    return true;
  }

  #blackOut(): boolean {
    this.#world.faults.count('blackouts');
    this.#world.blackOut();
    return true;
  }

  /** Counts what strikes at a delicate moment. */
  #noteMoment(struck: readonly HostedAttempt[]): void {
    const { faults } = this.#world;
    if (struck.some((hosted) => this.#world.isRecovering(hosted))) faults.count('crashesInRecovery');
    if (struck.some(({ channels: { receivers } }) => receivers.length > 0 && receivers.every(({ ended }) => ended))) faults.count('crashesAtEnd');
  }

  #running(): HostedAttempt[] {
    return this.#world.attempts.filter(({ process, ref }) => process.state === 'running' && this.#world.hostOf(process)?.hosts(taskId(ref)) === true);
  }

  #busyWorkers(): SimWorker[] {
    return this.#world.workers.filter(({ process, tasks }) => process.state === 'running' && tasks.some(({ state }) => state !== 'finished'));
  }

  #areNeighbours({ ref }: HostedAttempt, other: HostedAttempt): boolean {
    const { topology } = this.#world;
    return [...producersOf(topology, ref), ...consumersOf(topology, ref)].some((neighbour) => taskId(neighbour) === taskId(other.ref));
  }

  #oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values[this.#world.scheduler.random.below(Math.max(1, values.length))];
  }

  #chance(oneIn: number): boolean {
    return this.#world.scheduler.chance(oneIn);
  }
}
