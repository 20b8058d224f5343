/**
 * A whole job in one process: the real leader's run of it, the real hosts, tasks, channels and connections of its workers,
 * under a seed. What is delivered, delayed, cut, frozen and killed, and when, is the scheduler's choice. Only the edges are
 * simulated: processes, sockets, the disk, the clock.
 */
import { RainstormError } from '../../src/base/errors.ts';
import { taskId, type TaskRef } from '../../src/job/task-id.ts';
import { generationOfStage, stageNumbers, tasksOfStage, type Topology } from '../../src/job/topology.ts';
import type { Durability } from '../../src/log/log.ts';
import { DeadLetterBytes } from './dead-letter-bytes.ts';
import { Faults } from './faults.ts';
import { LiveChecks } from './live-checks.ts';
import type { Scheduler } from './scheduler.ts';
import { JOB, planOf, type Shape } from './shape.ts';
import { SimDisk } from './sim-disk.ts';
import { SimLeader } from './sim-leader.ts';
import { SimProcess } from './sim-process.ts';
import { SimResult } from './sim-result.ts';
import { SimSocket } from './sim-socket.ts';
import type { HostedAttempt } from './sim-task.ts';
import { SimWorker } from './sim-worker.ts';

const FIRST_PID = 100;

export class World {
  readonly job = JOB;
  readonly scheduler: Scheduler;
  readonly shape: Shape;
  readonly topology: Topology;
  readonly faults = new Faults();
  readonly disk: SimDisk;
  readonly result: SimResult;
  readonly checks: LiveChecks;
  readonly callsGoWrong: boolean;
  readonly events: string[] = [];
  readonly attempts: HostedAttempt[] = [];
  readonly #workers: SimWorker[] = [];
  readonly #sockets = new Set<SimSocket>();
  readonly #recovering = new Set<string>();
  /** How many tasks each generation of each stage has, by stage and generation. */
  readonly #generations = new Map<number, Map<number, number>>();
  readonly #deadLetters = new Map<string, DeadLetterBytes>();
  readonly #leaders: SimLeader[];
  /** Who knows the job, and was the last to take it over. */
  #leader: SimLeader;
  #begun = false;
  #pids = FIRST_PID;
  #names = 0;

  constructor(scheduler: Scheduler, shape: Shape) {
    this.scheduler = scheduler;
    this.shape = shape;
    this.topology = { plan: planOf(shape), parts: false };
    const durability: Durability = shape.durability;
    const first = this.#process();
    this.disk = new SimDisk(first, durability, this.faults);
    this.result = new SimResult(durability, (what) => this.checks.violated(what), () => this.isRescaled);
    this.checks = new LiveChecks(this);
    this.disk.watch(this.checks);
    this.callsGoWrong = scheduler.chance(2);
    this.#leader = new SimLeader(this, first);
    this.#leaders = [this.#leader];
  }

  async start(): Promise<void> {
    for (let worker = 0; worker < this.shape.workers; worker++) this.#addWorker();
    await this.#leader.submit(this.#workers.map(({ info }) => info));
    this.#begun = true;
  }

  /** The job is submitted: from here on it must come to its end. */
  get begun(): boolean {
    return this.#begun;
  }

  get leader(): SimLeader {
    return this.#leader;
  }

  get workers(): readonly SimWorker[] {
    return this.#workers;
  }

  /** A leader that was deposed knows nothing of the end. */
  get done(): boolean {
    const { run } = this.#leader;
    return run?.state === 'done' || run?.state === 'cancelled' || (run?.failure !== undefined && run.failure.code !== 'DEPOSED');
  }

  get violation(): string | undefined {
    return this.checks.violation;
  }

  get failure(): string | undefined {
    return this.#leader.run?.failure?.message;
  }

  get connections(): SimSocket[] {
    for (const socket of this.#sockets) if (!socket.open) this.#sockets.delete(socket);
    return [...this.#sockets];
  }

  hostOf(process: SimProcess): SimWorker | undefined {
    return this.workerAt(process.pid);
  }

  /** It is fed its journal again, and has not come to the end of that. */
  isRecovering({ ref }: HostedAttempt): boolean {
    return this.#recovering.has(taskId(ref));
  }

  /** What a task has put aside. */
  deadLettersOf(ref: TaskRef): DeadLetterBytes {
    const letters = this.#deadLetters.get(taskId(ref)) ?? new DeadLetterBytes();
    this.#deadLetters.set(taskId(ref), letters);
    return letters;
  }

  get hasSkipped(): boolean {
    return this.#deadLetters.size > 0;
  }

  hasLeftOut({ ref }: HostedAttempt): boolean {
    return this.#deadLetters.has(taskId(ref));
  }

  /** A task is hosted where this is so. */
  noteStages(topology: Topology): void {
    for (const stage of stageNumbers(topology)) {
      const generations = this.#generations.get(stage) ?? new Map<number, number>();
      this.#generations.set(stage, generations.set(generationOfStage(topology, stage), tasksOfStage(topology, stage)));
    }
  }

  /** Those of a stage that there ever were, oldest generation first. */
  tasksOf(stage: number): TaskRef[] {
    const generations = [...(this.#generations.get(stage) ?? [])].toSorted(([a], [b]) => a - b);
    return generations.flatMap(([generation, tasks]) => Array.from({ length: tasks }, (_, index) => ({ stage, generation, index })));
  }

  get isRescaled(): boolean {
    return [...this.#generations.values()].some(({ size }) => size > 1);
  }

  workerAt(pid: number): SimWorker | undefined {
    return this.#workers.find(({ process }) => process.pid === pid);
  }

  states(): string {
    const workers = this.#workers.filter(({ process }) => process.alive).map(({ name, process, tasks }) => `${name}(${process.state}) ${tasks.map((task) => `${taskId(task)}.${task.attempt}:${task.state}${task.frozen === undefined ? '' : `/frozen ${String(task.frozen)}`}`).join(' ')}`);
    return `leader ${this.#leader.process.state} ${this.#leader.run?.state} ${this.failure ?? ''}; ${workers.join('; ')}`;
  }

  connect(one: SimProcess, other: SimProcess): [SimSocket, SimSocket] {
    const pair = SimSocket.pair(one, other, this.faults);
    this.#sockets.add(pair[0]);
    return pair;
  }

  hosted(attempt: HostedAttempt): void {
    this.attempts.push(attempt);
    this.checks.hosted(attempt);
  }

  logFor(ref: TaskRef): HostedAttempt['log'] {
    return {
      path: '',
      event: (event, details) => {
        if (event === 'RESTART') this.#recovering.add(taskId(ref));
        else if (event === 'REPLAY' || event === 'END') this.#recovering.delete(taskId(ref));
        this.note(`${taskId(ref)} ${event} ${details}`);
      },
      stderr: () => undefined,
      output: () => undefined,
      close: () => undefined,
    };
  }

  note(event: string): void {
    this.events.push(event);
  }

  /** Rule J5: what is told to workers is in the leader's journal. */
  checkTold({ term, version }: { readonly term: number; readonly version: number }): void {
    const records = this.disk.recordsOf(LEADER_LOG).slice(0, this.disk.durableOf(LEADER_LOG));
    const isRecorded = records.some(({ payload }) => {
      const record = JSON.parse(payload.toString()) as { kind: string; version?: number };
      return record.kind === 'placed' && record.version === version;
    });
    if (!isRecorded) this.checks.violated(`J5: placement ${version} is told under term ${term} before it is written down`);
  }

  /** A leader declares a worker dead: it kills it for sure, or cannot reach it, and it lives on. */
  reap(pid: number): void {
    const worker = this.workerAt(pid);
    if (worker === undefined || !worker.process.alive) return;
    if (this.scheduler.chance(2)) this.killWorker(worker);
    else this.faults.count('zombies');
  }

  killWorker(worker: SimWorker): void {
    if (!worker.process.alive) return;
    worker.process.kill();
    this.scheduler.later(() => this.#declareGone(worker));
    this.scheduler.later(() => this.#replace(worker));
  }

  /** It may be declared dead meanwhile; when it thaws, it goes on with all it was at. */
  freezeWorker(worker: SimWorker, turns: number, declared: boolean): void {
    worker.process.freeze();
    if (declared) {
      this.scheduler.later(() => {
        this.#declareGone(worker);
        this.#replace(worker);
      });
    }
    this.#thawIn(worker, turns);
  }

  /** Another leader takes the job over, from one that has died, or lives on and does not know. */
  succeed(kill: boolean): void {
    if (kill) this.#leader.process.kill();
    this.#lead(true);
  }

  /** Everything ends at once, and with 'host' durability what was not flushed is gone. All begins again from what is on the disk. */
  blackOut(): void {
    const { process } = this.#leader;
    for (const leader of this.#leaders) leader.process.kill();
    for (const worker of this.#workers) worker.process.kill();
    if (this.disk.durability === 'host') {
      this.disk.crash();
      this.result.crash(process);
    }
    for (let worker = 0; worker < this.shape.workers; worker++) this.#addWorker();
    this.#lead(false);
  }

  /** It knows its job: who lives reports to it. */
  took(leader: SimLeader): void {
    this.#leader = leader;
    for (const worker of this.#workers) {
      if (!worker.process.alive) this.scheduler.later(() => this.#declareGone(worker));
      else worker.process.later(() => this.register(worker, leader));
    }
  }

  #lead(keepWorkers: boolean): void {
    const leader = new SimLeader(this, this.#process());
    this.#leaders.push(leader);
    leader.process.later(() => void leader.takeOver(keepWorkers).catch((error: unknown) => {
      // Another took over while it did.
      if (!(error instanceof RainstormError) || error.code !== 'LOG_FENCED') throw error;
    }));
  }

  /** One that was declared dead is refused, and ends. */
  register(worker: SimWorker, leader: SimLeader): void {
    worker.process.later(() => leader.process.run(() => {
      try {
        leader.register(worker.info);
        worker.changed();
      } catch (error) {
        if (!(error instanceof RainstormError)) throw error;
        this.note(`worker ${worker.name} is refused: ${error.message}`);
        worker.process.later(() => void worker.dismissed());
      }
    }));
  }

  #declareGone({ info }: SimWorker): void {
    const leader = this.#leader;
    leader.process.run(() => leader.workerGone(info));
  }

  #replace(worker: SimWorker): void {
    const fresh = this.#addWorker(!worker.process.alive && this.scheduler.chance(3) ? worker.name : undefined);
    fresh.process.later(() => this.register(fresh, this.#leader));
  }

  #thawIn(worker: SimWorker, turns: number): void {
    this.scheduler.later(() => {
      if (turns > 0) return this.#thawIn(worker, turns - 1);
      if (worker.process.state === 'frozen' && worker.tasks.length > 0) this.faults.count('zombieThaws');
      worker.process.thaw();
    });
  }

  #addWorker(name = `w${(this.#names += 1)}`): SimWorker {
    const worker = new SimWorker(this, name, this.#process());
    this.#workers.push(worker);
    return worker;
  }

  #process(): SimProcess {
    this.#pids += 1;
    return new SimProcess(this.scheduler, this.#pids);
  }
}

const LEADER_LOG = 'leader';
