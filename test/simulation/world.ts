/**
 * A whole job in one process, made of the real tasks and channels, under a seed: what is delivered, delayed, cut and killed,
 * and when, is the scheduler's choice. Only the edges are simulated: processes, connections, the disk, the clock.
 */
import type { Sink } from '../../src/connect/sink.ts';
import { JournaledSource } from '../../src/connect/journaled-source.ts';
import type { Source, SourcePosition } from '../../src/connect/source.ts';
import { SourceJournal } from '../../src/connect/source-journal.ts';
import type { Block } from '../../src/job/block.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { channelName, taskId, type TaskRef } from '../../src/job/task-id.ts';
import { allTasks, consumersOf, partitioningAfter, producersOf, sinkStage, type Topology } from '../../src/job/topology.ts';
import { InputJournal } from '../../src/task/input-journal.ts';
import type { TaskLog } from '../../src/task/local-log.ts';
import { OperatorTask } from '../../src/task/operator-task.ts';
import { Router } from '../../src/task/router.ts';
import { SinkTask } from '../../src/task/sink-task.ts';
import { SourceCheckpoints } from '../../src/task/source-checkpoints.ts';
import { SourceTask } from '../../src/task/source-task.ts';
import type { Task } from '../../src/task/task.ts';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { joinLocally } from '../../src/wire/local-link.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';
import type { ChannelPosition } from '../../src/wire/in-channel.ts';
import { SinkCommits, type SinkCommit } from '../../src/task/sink-commits.ts';
import type { OperatorProcessEvents } from '../../src/task/operator-process.ts';
import { Route } from './network.ts';
import type { DeadLetters } from '../../src/task/dead-letters.ts';
import type { Scheduler } from './scheduler.ts';
import { linesOf, planOf, skipTuples, type Shape, type StageShape } from './shape.ts';
import { checkpointWatch } from './checkpoint-watch.ts';
import { ReadOnceWatch } from './read-once.ts';
import { SimLog, type LogWatch } from './sim-log.ts';
import { DeadLetterBytes } from './dead-letter-bytes.ts';
import { SimOperator } from './sim-operator.ts';

const MAX_IDLE_TURNS = 20;

/** In steps; a simulated job takes some thousands. */
const MAX_SOURCE_CHECKPOINT_MS = 400;

/** One attempt of a task on a worker of its own, so that any can die alone. */
interface Hosted {
  readonly ref: TaskRef;
  readonly attempt: number;
  readonly task: Task;
  readonly receivers: ChannelReceiver[];
  readonly senders: ChannelSender[];
  readonly log: SimLog;
  readonly operators: SimOperator[];
  alive: boolean;
}

export class World {
  readonly scheduler: Scheduler;
  readonly shape: Shape;
  readonly topology: Topology;
  readonly events: string[] = [];
  readonly #hosted = new Map<string, Hosted>();
  readonly #routes = new Map<string, Route>();
  readonly #deadLetters = new Map<string, DeadLetterBytes>();
  readonly #operators: { readonly ref: TaskRef; readonly operator: SimOperator }[] = [];
  #file = Buffer.alloc(0);
  readonly #readOnce = new ReadOnceWatch();
  failure: string | undefined;
  /** Its source died before its journal had the end of what can be read only once. */
  refused = false;
  /** Attempts of such a source that had their journal alone. */
  reread = 0;

  constructor(scheduler: Scheduler, shape: Shape) {
    this.scheduler = scheduler;
    this.shape = shape;
    this.topology = { plan: planOf(shape), parts: false };
  }

  async start(): Promise<void> {
    for (const ref of allTasks(this.topology)) await this.#host(ref, 1, new SimLog(taskId(ref), this.scheduler, this.#watchOf(ref)));
  }

  get done(): boolean {
    if (this.failure !== undefined || this.refused) return true;
    return allTasks(this.topology).every((ref) => this.#hosted.get(taskId(ref))?.task.status().state === 'finished');
  }

  /** The lines of the result. */
  get result(): string[] {
    return linesOf(this.#file);
  }

  states(): string {
    return [...this.#hosted.values()].map(({ ref, task, alive }) => `${taskId(ref)}:${alive ? task.status().state : 'dead'}`).join(' ');
  }

  journalOf(stage: number, index: number): SimLog {
    return this.#hosted.get(taskId({ stage, index }))?.log as SimLog;
  }

  deadLettersOf(ref: { readonly stage: number; readonly index: number }): DeadLetterBytes {
    const letters = this.#deadLetters.get(taskId(ref)) ?? new DeadLetterBytes();
    this.#deadLetters.set(taskId(ref), letters);
    return letters;
  }

  /** What each operator of a task was fed, whatever became of it. */
  fedTo(stage: number, index: number): Buffer[] {
    const of = this.#operators.filter(({ ref }) => ref.stage === stage && ref.index === index);
    return of.map(({ operator }) => Buffer.concat(operator.fed));
  }

  /** Kills one operator that is alive; gives false if there is none. */
  crashOperator(): boolean {
    const alive = [...this.#hosted.values()].flatMap(({ operators }) => operators.filter((operator) => operator.alive));
    const victim = alive[this.scheduler.random.below(Math.max(1, alive.length))];
    victim?.crash();
    return victim !== undefined;
  }

  /** A task's worker dies with all that it had in memory; the task starts elsewhere some time later. */
  crashTask(): boolean {
    const alive = [...this.#hosted.values()].filter((hosted) => hosted.alive && hosted.task.status().state !== 'finished');
    const victim = alive[this.scheduler.random.below(Math.max(1, alive.length))];
    if (victim === undefined) return false;
    this.#kill(victim);
    return true;
  }

  #kill(victim: Hosted): void {
    victim.alive = false;
    for (const operator of victim.operators) operator.vanish();
    for (const { name } of victim.senders) this.#routes.get(name)?.end('sender');
    for (const { name } of victim.receivers) this.#routes.get(name)?.end('receiver');
    const log = victim.log.takenOver();
    this.scheduler.later(() => void this.#host(victim.ref, victim.attempt + 1, log));
  }

  cutConnection(): void {
    const routes = [...this.#routes.values()];
    routes[this.scheduler.random.below(Math.max(1, routes.length))]?.cut();
  }

  /** Limits that hold at every moment. */
  checkLimits(): void {
    if (this.shape.readOnce) this.#readOnce.check([...this.#hosted.values()].filter(({ ref }) => ref.stage === 1).map(({ receivers }) => receivers[0]?.accepted ?? 0));
    const longest = Math.max(0, ...this.shape.lines.map((line) => line.length)) * 8 + 64;
    for (const { receivers } of this.#hosted.values()) {
      for (const receiver of receivers) {
        // What is sent again may find the consumer's window full: one window more.
        if (receiver.unfedBytes > 2 * this.shape.windowBytes + longest) throw new Error(`check 15: ${receiver.unfedBytes} bytes unfed in ${receiver.name}`);
        if (receiver.journaled > receiver.accepted) throw new Error(`check 1: journaled > accepted in ${receiver.name}`);
      }
    }
  }

  async #host(ref: TaskRef, attempt: number, log: SimLog): Promise<void> {
    const hosted: Hosted = { ref, attempt, log, receivers: [], senders: [], operators: [], alive: true, task: undefined as never };
    const { task, positions } = await this.#makeTask(hosted);
    Object.assign(hosted, { task });
    const { windowBytes } = this.shape;
    for (const [producer, from] of producersOf(this.topology, ref).entries()) {
      const position = positions[producer];
      hosted.receivers.push(new ChannelReceiver({
        name: channelName(from, ref), producer, windowBytes, skipTuples, events: task.input, defer: (action) => this.scheduler.later(action),
        ...(position === undefined ? {} : { from: position }),
      }));
    }
    for (const consumer of consumersOf(this.topology, ref)) {
      hosted.senders.push(new ChannelSender({ name: channelName(ref, consumer), attempt, maxHeldBytes: windowBytes, skipTuples, events: task.output }));
    }
    this.#hosted.set(taskId(ref), hosted);
    this.#join(hosted);
    // A dead worker starts nothing more, however little it had begun.
    this.scheduler.later(() => hosted.alive && void task.start());
  }

  async #makeTask(hosted: Hosted): Promise<{ task: Task; positions: readonly ChannelPosition[] }> {
    const { ref, attempt, log, senders, receivers } = hosted;
    const makeRouter = (channels: readonly ChannelSender[] = senders) => new Router({
      partitioning: partitioningAfter(this.topology, ref.stage), producerIndex: ref.index, channels, windowBytes: this.shape.windowBytes,
    });
    const common = { ref, attempt, log: this.#logFor(ref), changed: () => this.#look(ref) };
    const producers = producersOf(this.topology, ref).length;
    if (ref.stage === 0) {
      const journal = this.shape.readOnce ? await SourceJournal.open(log) : undefined;
      const checkpoints = new SourceCheckpoints(log, journal === undefined ? undefined : (at) => journal.firstNeeded(at), this.scheduler.random.below(MAX_SOURCE_CHECKPOINT_MS));
      const recovered = await checkpoints.last();
      const source = journal === undefined ? this.#source(recovered?.source) : await this.#journaled(journal, attempt, recovered?.source);
      const options = { ...common, source, journal, makeRouter, checkpoints, recovered, senders: () => senders, clock: this.scheduler };
      return { task: new SourceTask(options), positions: [] };
    }
    if (ref.stage === sinkStage(this.topology)) {
      const commits = new SinkCommits(log);
      const recovered = await commits.last();
      const open = (from: SinkCommit | undefined) => Promise.resolve(this.#sink(hosted, from?.bytes));
      return { task: new SinkTask({ ...common, open, commits, recovered, producers, receivers: () => receivers }), positions: recovered?.positions ?? [] };
    }
    const journal = new InputJournal(log);
    const state = await journal.state(producers);
    const task = new OperatorTask({
      ...common, producers, makeRouter, journal,
      stage: this.topology.plan.stages[ref.stage - 1] as StagePlan,
      maxTupleBytes: 1 << 20,
      clock: this.scheduler,
      receivers: () => receivers,
      senders: () => senders,
      command: 'simulated',
      poison: { deadLetters: this.#deadLettersFor(hosted), searchMs: undefined },
      startOperator: (events) => Promise.resolve(this.#startOperator(hosted, events)),
    }, { ...state, end: journal.end });
    return { task, positions: state.positions };
  }

  /** Often a worker dies just then. */
  #deadLettersFor(hosted: Hosted): DeadLetters {
    return {
      write: async (bytes, offsetBytes) => {
        if (hosted.alive && this.scheduler.chance(3)) this.#kill(hosted);
        await this.#pause();
        if (!hosted.alive) return new Promise<void>(() => undefined);
        this.deadLettersOf(hosted.ref).write(bytes, offsetBytes);
      },
    };
  }

  #startOperator({ ref, operators, alive }: Hosted, events: OperatorProcessEvents): SimOperator {
    const { program: kind, contract, frailty } = this.shape.stages[ref.stage - 1] as StageShape;
    const operator = new SimOperator(this.scheduler, kind, events, contract === 'snapshot', frailty);
    this.#operators.push({ ref, operator });
    operators.push(operator);
    if (!alive) operator.vanish();
    return operator;
  }

  #watchOf(ref: TaskRef): LogWatch {
    const consumers = consumersOf(this.topology, ref).map((consumer) => () => this.#hosted.get(taskId(consumer))?.log as SimLog);
    const watch = checkpointWatch({ consumers, producer: ref.index, isSink: (index) => consumersOf(this.topology, ref)[index]?.stage === sinkStage(this.topology) });
    const whole = ref.stage === 0 ? this.#readOnce.beside(watch) : watch;
    return {
      ...whole,
      recorded: (log, record) => {
        whole.recorded(log, record);
        const hosted = this.#hosted.get(taskId(ref));
        // What was left out must outlive the cut of the journal.
        if (hosted?.alive === true && this.deadLettersOf(ref).bytes.length > 0 && this.scheduler.chance(10)) this.scheduler.later(() => hosted.alive && this.#kill(hosted));
      },
    };
  }

  #join(hosted: Hosted): void {
    for (const consumer of consumersOf(this.topology, hosted.ref)) this.#route(hosted, this.#hosted.get(taskId(consumer)));
    for (const producer of producersOf(this.topology, hosted.ref)) this.#route(this.#hosted.get(taskId(producer)), hosted);
  }

  #route(producer: Hosted | undefined, consumer: Hosted | undefined): void {
    if (producer?.alive !== true || consumer?.alive !== true) return;
    const name = channelName(producer.ref, consumer.ref);
    const sender = producer.senders.find((end) => end.name === name) as ChannelSender;
    const receiver = consumer.receivers.find((end) => end.name === name) as ChannelReceiver;
    const route = new Route(this.scheduler, sender, receiver, (error) => {
      this.failure ??= error.message;
    });
    this.#routes.set(name, route);
    // Within one worker the first words are exchanged in one turn; what comes later takes its time in either case.
    if (this.scheduler.random.below(3) === 0) this.#joinAtOnce(sender, receiver);
    this.scheduler.later(() => route.connect());
  }

  #joinAtOnce(sender: ChannelSender, receiver: ChannelReceiver): void {
    try {
      joinLocally(sender, receiver);
    } catch (error) {
      this.failure ??= (error as Error).message;
    }
  }

  /** As a worker opens it: what cannot be gone on with is not hosted, and the job is over. */
  async #journaled(journal: SourceJournal, attempt: number, from: SourcePosition | undefined): Promise<Source> {
    if (attempt > 1 && !journal.ended) {
      this.refused = true;
      return await new Promise<never>(() => undefined);
    }
    if (attempt > 1) this.reread += 1;
    const source = journal.ended ? undefined : this.#source(undefined);
    return new JournaledSource({ journal, source, fromBytes: from?.offsetBytes ?? 0, format: 'lines', maxTupleBytes: 1 << 20 });
  }

  #source(from: SourcePosition | undefined): Source {
    const splitter = new BlockSplitter({ format: 'lines', maxTupleBytes: 1 << 20, where: 'source' });
    const bytes = Buffer.from(this.shape.lines.map((line) => `${line}\n`).join(''), 'latin1');
    let at = from?.offsetBytes ?? 0;
    let handedBytes = at;
    const handed = (block: Block | undefined) => {
      handedBytes += block?.bytes.length ?? 0;
      return block;
    };
    return {
      position: () => ({ file: 0, offsetBytes: handedBytes, line: 1, identity: undefined, header: undefined }),
      read: async () => {
        await this.#pause();
        while (at < bytes.length) {
          const end = Math.min(bytes.length, at + 1 + this.scheduler.random.below(40));
          const block = splitter.push(bytes.subarray(at, end));
          at = end;
          if (block !== undefined) return handed(block);
        }
        // What has nothing more may be long in saying so: all before is done by then. A pipe says it soon, so that more of them die behind their end.
        for (let turn = this.shape.readOnce ? 0 : this.scheduler.random.below(3) * MAX_IDLE_TURNS; turn > 0; turn--) await this.#pause();
        return handed(splitter.end());
      },
      progress: () => ({ doneBytes: at, totalBytes: bytes.length }),
      close: () => {
        at = bytes.length;
        return Promise.resolve();
      },
    };
  }

  /** The file outlives the task; a dead attempt's writes end with it, perhaps half done. */
  #sink(hosted: Hosted, resumeBytes: number | undefined): Sink {
    this.#file = this.#file.subarray(0, resumeBytes ?? 0);
    let written = this.#file.length;
    return {
      get bytes() {
        return written;
      },
      write: async (buffers) => {
        for (const buffer of buffers) {
          await this.#pause();
          if (!hosted.alive) return 'open' as const;
          this.#file = Buffer.concat([this.#file, buffer]);
        }
        written = this.#file.length;
        return 'open' as const;
      },
      finish: () => this.#pause(),
      publish: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
      leave: () => Promise.resolve(),
    };
  }

  #pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.scheduler.later(resolve);
    return promise;
  }

  #logFor(ref: TaskRef): TaskLog {
    return {
      event: (event, details) => this.events.push(`${taskId(ref)} ${event} ${details}`),
      stderr: () => undefined,
      output: () => undefined,
    };
  }

  #look(ref: TaskRef): void {
    const hosted = this.#hosted.get(taskId(ref));
    const failure = hosted?.alive === true ? hosted.task?.status().failure : undefined;
    if (failure !== undefined) this.failure ??= failure.message;
  }
}
