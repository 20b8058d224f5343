/**
 * A whole job in one process, made of the real tasks and channels, under a seed: what is delivered, delayed, cut and killed,
 * and when, is the scheduler's choice. Only the edges are simulated: processes, connections, the disk, the clock.
 */
import type { Sink } from '../../src/connect/sink.ts';
import type { Source } from '../../src/connect/source.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { JobPlan, Partitioning, StagePlan } from '../../src/job/plan.ts';
import { channelName, taskId, type TaskRef } from '../../src/job/task-id.ts';
import { allTasks, consumersOf, isOperatorTask, partitioningAfter, producersOf, sinkStage, type Topology } from '../../src/job/topology.ts';
import { InputJournal } from '../../src/task/input-journal.ts';
import type { TaskLog } from '../../src/task/local-log.ts';
import { OperatorTask } from '../../src/task/operator-task.ts';
import { Router } from '../../src/task/router.ts';
import { SinkTask } from '../../src/task/sink-task.ts';
import { SourceTask } from '../../src/task/source-task.ts';
import type { Task } from '../../src/task/task.ts';
import { ChannelReceiver, type ReceiverEvents } from '../../src/wire/channel-receiver.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';
import { Route } from './network.ts';
import type { ProgramKind } from './programs.ts';
import type { Scheduler } from './scheduler.ts';
import { SimLog } from './sim-log.ts';
import { SimOperator } from './sim-operator.ts';

export interface Shape {
  readonly lines: readonly string[];
  readonly stages: readonly { readonly program: ProgramKind; readonly tasks: number; readonly keyed: boolean }[];
  readonly windowBytes: number;
}

interface Hosted {
  readonly ref: TaskRef;
  readonly task: Task;
  readonly receivers: ChannelReceiver[];
  readonly senders: ChannelSender[];
  readonly journal: SimLog | undefined;
}

/** What the sink got, with the producer that each line came from. */
export interface Arrived {
  readonly producer: number;
  readonly text: string;
}

export class World {
  readonly scheduler: Scheduler;
  readonly shape: Shape;
  readonly topology: Topology;
  readonly arrived: Arrived[] = [];
  readonly events: string[] = [];
  readonly #hosted = new Map<string, Hosted>();
  readonly #routes: Route[] = [];
  readonly #operators: SimOperator[] = [];
  failure: string | undefined;

  constructor(scheduler: Scheduler, shape: Shape) {
    this.scheduler = scheduler;
    this.shape = shape;
    this.topology = { plan: planOf(shape), parts: false };
    for (const ref of allTasks(this.topology)) this.#host(ref);
    this.#join();
  }

  start(): void {
    for (const { task } of this.#hosted.values()) this.scheduler.later(() => void task.start());
  }

  get done(): boolean {
    return this.failure !== undefined || [...this.#hosted.values()].every(({ task }) => task.status().state === 'finished');
  }

  states(): string {
    return [...this.#hosted.values()].map(({ ref, task }) => `${taskId(ref)}:${task.status().state}`).join(' ');
  }

  journalOf(stage: number, index: number): SimLog {
    return this.#hosted.get(taskId({ stage, index }))?.journal as SimLog;
  }

  /** Kills one operator that is alive; gives false if there is none. */
  crashOperator(): boolean {
    const alive = this.#operators.filter((operator) => operator.alive);
    const victim = alive[this.scheduler.random.below(Math.max(1, alive.length))];
    victim?.crash();
    return victim !== undefined;
  }

  cutConnection(): void {
    this.#routes[this.scheduler.random.below(this.#routes.length)]?.cut();
  }

  /** Limits that hold at every moment. */
  checkLimits(): void {
    const longest = Math.max(0, ...this.shape.lines.map((line) => line.length)) * 8 + 64;
    for (const { receivers } of this.#hosted.values()) {
      for (const receiver of receivers) {
        if (receiver.unfedBytes > this.shape.windowBytes + longest) throw new Error(`check 15: ${receiver.unfedBytes} bytes unfed in ${receiver.name}`);
        if (receiver.journaled > receiver.accepted) throw new Error(`check 1: journaled > accepted in ${receiver.name}`);
      }
    }
  }

  #host(ref: TaskRef): void {
    const receivers: ChannelReceiver[] = [];
    const senders: ChannelSender[] = [];
    const journal = isOperatorTask(ref, this.topology) ? new SimLog(taskId(ref), this.scheduler) : undefined;
    const task = this.#makeTask(ref, receivers, senders, journal);
    const { windowBytes } = this.shape;
    for (const [producer, from] of producersOf(this.topology, ref).entries()) {
      receivers.push(new ChannelReceiver({
        name: channelName(from, ref), producer, windowBytes, skipTuples, events: this.#inputOf(ref, task), defer: (action) => this.scheduler.later(action),
      }));
    }
    for (const consumer of consumersOf(this.topology, ref)) {
      senders.push(new ChannelSender({ name: channelName(ref, consumer), attempt: 1, maxHeldBytes: windowBytes, skipTuples, events: task.output }));
    }
    this.#hosted.set(taskId(ref), { ref, task, receivers, senders, journal });
  }

  /** What reaches the sink is noted on its way in. */
  #inputOf(ref: TaskRef, task: Task): ReceiverEvents {
    if (ref.stage !== sinkStage(this.topology)) return task.input;
    return {
      ...task.input,
      accepted: (receiver, first, count, bytes) => {
        this.arrived.push(...linesOf(bytes).map((text) => ({ producer: receiver.producer, text })));
        task.input.accepted(receiver, first, count, bytes);
      },
    };
  }

  #makeTask(ref: TaskRef, receivers: ChannelReceiver[], senders: ChannelSender[], journal: SimLog | undefined): Task {
    const makeRouter = () => new Router({
      partitioning: partitioningAfter(this.topology, ref.stage), producerIndex: ref.index, channels: senders, windowBytes: this.shape.windowBytes,
    });
    const common = { ref, log: this.#logFor(ref), changed: () => this.#look(ref) };
    const producers = producersOf(this.topology, ref).length;
    if (ref.stage === 0) return new SourceTask({ ...common, source: this.#source(), attempt: 1, makeRouter });
    if (ref.stage === sinkStage(this.topology)) {
      return new SinkTask({ ...common, open: () => Promise.resolve(this.#sink()), producers, attempt: 1, commits: undefined, receivers: () => receivers });
    }
    const stage = this.topology.plan.stages[ref.stage - 1] as StagePlan;
    const kind = (this.shape.stages[ref.stage - 1] as Shape['stages'][number]).program;
    return new OperatorTask({
      ...common, stage, attempt: 1, producers, makeRouter,
      journal: new InputJournal(journal as SimLog),
      maxTupleBytes: 1 << 20,
      clock: this.scheduler,
      receivers: () => receivers,
      senders: () => senders,
      startOperator: (events) => {
        const operator = new SimOperator(this.scheduler, kind, events);
        this.#operators.push(operator);
        return Promise.resolve(operator);
      },
    });
  }

  #join(): void {
    for (const { ref, senders } of this.#hosted.values()) {
      for (const [index, consumer] of consumersOf(this.topology, ref).entries()) {
        const receiver = this.#hosted.get(taskId(consumer))?.receivers.find(({ name }) => name === channelName(ref, consumer));
        const route = new Route(this.scheduler, senders[index] as ChannelSender, receiver as ChannelReceiver, (error) => {
          this.failure ??= error.message;
        });
        this.#routes.push(route);
        this.scheduler.later(() => route.connect());
      }
    }
  }

  #source(): Source {
    const splitter = new BlockSplitter({ format: 'lines', maxTupleBytes: 1 << 20, where: 'source' });
    const bytes = Buffer.from(this.shape.lines.map((line) => `${line}\n`).join(''), 'latin1');
    let at = 0;
    return {
      read: async () => {
        await this.#pause();
        while (at < bytes.length) {
          const end = Math.min(bytes.length, at + 1 + this.scheduler.random.below(40));
          const block = splitter.push(bytes.subarray(at, end));
          at = end;
          if (block !== undefined) return block;
        }
        return splitter.end();
      },
      progress: () => ({ doneBytes: at, totalBytes: bytes.length }),
      close: () => {
        at = bytes.length;
        return Promise.resolve();
      },
    };
  }

  #sink(): Sink {
    return {
      bytes: undefined,
      write: async () => {
        await this.#pause();
        return 'open' as const;
      },
      finish: () => this.#pause(),
      publish: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
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
    const failure = this.#hosted.get(taskId(ref))?.task.status().failure;
    if (failure !== undefined) this.failure ??= failure.message;
  }
}

export function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n');
  lines.pop();
  return lines;
}

function skipTuples(bytes: Buffer, count: number): number {
  let at = 0;
  for (let skipped = 0; skipped < count; skipped++) at = bytes.indexOf(0x0a, at) + 1;
  return at;
}

function planOf(shape: Shape): JobPlan {
  const stages = shape.stages.map(({ program, tasks, keyed }, index): StagePlan => ({
    number: index + 1,
    name: program,
    program: { kind: 'chain', commands: [['simulated']] },
    tasks,
    inputFormat: 'lines',
    partitioning: (keyed ? { kind: 'column', column: 1 } : { kind: 'spread' }) satisfies Partitioning,
    outputFormat: 'lines',
    okExit: [],
    env: {},
    cwd: '/',
  }));
  return {
    stages,
    source: { format: 'lines', header: false },
    sink: { format: 'lines' },
    maxTupleBytes: 1 << 20,
    locale: 'C',
    lineBuffered: false,
    logTuples: 'off',
  };
}
