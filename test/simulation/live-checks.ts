/** What must hold at every moment of a simulated job. README.md says which check is where. */
import { channelName, logName, taskId, type TaskRef } from '../../src/job/task-id.ts';
import { allTasks, consumersOf, producersOf, sinkStage } from '../../src/job/topology.ts';
import type { ChannelSender } from '../../src/wire/channel-sender.ts';
import { CheckpointChecks } from './checkpoint-checks.ts';
import { DurableInput } from './durable-input.ts';
import { Feeding } from './feeding.ts';
import { ReadOnce } from './read-once.ts';
import { linesOf, type StageShape } from './shape.ts';
import type { LogWatch } from './sim-disk.ts';
import type { HostedAttempt } from './sim-task.ts';
import type { World } from './world.ts';

/** Tuples grow on their way, by so many bytes for each of theirs and so many at all. */
const MAX_GROWTH = 8;
const MAX_ADDED_BYTES = 64;

/** What a task is joined with. */
interface Joints {
  readonly consumers: readonly TaskRef[];
  readonly producers: number;
}

export class LiveChecks implements LogWatch {
  readonly #world: World;
  readonly #inputs = new Map<string, DurableInput>();
  /** All attempts of each task that were ever hosted, in the order of their numbers. */
  readonly #attempts = new Map<string, HostedAttempt[]>();
  /** Lines made, by channel. */
  readonly #made = new Map<string, string[]>();
  readonly #joined = new Map<string, Joints>();
  readonly #checkpoints: CheckpointChecks;
  readonly #readOnce: ReadOnce | undefined;
  readonly #source: TaskRef;
  readonly #longestBytes: number;
  #violation: string | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#checkpoints = new CheckpointChecks(world.topology, world.disk, (ref) => this.inputOf(ref), (what) => this.violated(what));
    this.#source = allTasks(world.topology).find(({ stage }) => stage === 0) as TaskRef;
    if (world.shape.readOnce) this.#readOnce = new ReadOnce(world.disk, logName(world.job, this.#source), (what) => this.violated(what));
    for (const ref of allTasks(world.topology)) {
      this.#inputs.set(taskId(ref), new DurableInput(world.disk, logName(world.job, ref), ref.stage === sinkStage(world.topology), (what) => this.violated(what)));
      this.#attempts.set(taskId(ref), []);
      this.#joined.set(taskId(ref), { consumers: consumersOf(world.topology, ref), producers: producersOf(world.topology, ref).length });
    }
    this.#longestBytes = Math.max(0, ...world.shape.lines.map((line) => line.length)) * MAX_GROWTH + MAX_ADDED_BYTES;
  }

  /** What was wrong first. */
  get violation(): string | undefined {
    return this.#violation;
  }

  violated(what: string): void {
    this.#violation ??= what;
  }

  /** Whether the job may fail so. */
  explains(failure: string): boolean {
    return this.#readOnce?.explains(failure) === true;
  }

  inputOf(ref: TaskRef): DurableInput {
    return this.#inputs.get(taskId(ref)) as DurableInput;
  }

  feedingOf(ref: TaskRef): Feeding {
    const stage = this.#world.shape.stages[ref.stage - 1] as StageShape;
    return new Feeding(taskId(ref), stage, this.#joints(ref).producers, this.inputOf(ref), (what) => this.violated(what));
  }

  appending(name: string, type: number, payload: Buffer): void {
    this.#checkpoints.appending(name, type, payload);
  }

  cutting(name: string, before: number): void {
    this.#checkpoints.cutting(name, before);
  }

  /** A task has read its log and is about to be started. */
  hosted(hosted: HostedAttempt): void {
    const attempts = this.#attempts.get(taskId(hosted.ref)) as HostedAttempt[];
    const same = attempts.find(({ attempt }) => attempt === hosted.attempt);
    if (same !== undefined) this.violated(`check 14: task ${taskId(hosted.ref)} is hosted twice under attempt ${hosted.attempt}`);
    attempts.push(hosted);
    attempts.sort((a, b) => a.attempt - b.attempt);
    this.#checkRegenerable(hosted);
    for (const attempt of attempts) this.#checkDeposed(attempt);
  }

  /** Check 4: whichever attempt makes a tuple of some number, it is the same. Check 11: a fold's come after the end of all input. */
  pushing(hosted: HostedAttempt, sender: ChannelSender, first: number, bytes: Buffer, count: number): void {
    const { ref } = hosted;
    const { shape } = this.#world;
    const stage = shape.stages[ref.stage - 1];
    if (stage?.contract === 'fold' && this.inputOf(ref).endings < this.#joints(ref).producers) {
      this.violated(`check 11: task ${taskId(ref)} prints its state before the end of its input`);
    }
    if (sender.stopped) return;
    const made = this.#made.get(sender.name) ?? [];
    this.#made.set(sender.name, made);
    const lines = linesOf(bytes);
    if (lines.length !== count) this.violated(`check 4: a frame of ${count} holds ${lines.length} tuples`);
    for (const [index, line] of lines.entries()) {
      const before = (made[first + index] ??= line);
      if (before === line) continue;
      if (this.#mayDiffer(hosted, sender, first + index)) made[first + index] = line;
      else this.violated(`check 4: tuple ${first + index} of ${sender.name} is "${line}", and was "${before}"`);
    }
  }

  /** SK3: what came of a tuple that is left out since then is made no more, where nobody had it. A deposed attempt does not know. */
  #mayDiffer({ ref, attempt }: HostedAttempt, { name }: ChannelSender, sequence: number): boolean {
    if ((this.#world.shape.stages[ref.stage - 1]?.frailty ?? 'none') === 'none') return false;
    if (this.#latest(ref).attempt > attempt) return true;
    const consumer = this.#joints(ref).consumers.find((to) => channelName(ref, to) === name) as TaskRef;
    return sequence >= this.inputOf(consumer).end(ref.index);
  }

  #latest(ref: TaskRef): HostedAttempt {
    return (this.#attempts.get(taskId(ref)) as HostedAttempt[]).at(-1) as HostedAttempt;
  }

  /** Checks 1, 2, 5, 14, 15 */
  afterStep(): void {
    this.#readOnce?.check(this.#joints(this.#source).consumers.map((ref) => this.#acceptedBy(ref)));
    for (const attempts of this.#attempts.values()) {
      for (const hosted of attempts) {
        if (hosted.process.state !== 'running') continue;
        this.#checkReceivers(hosted);
        this.#checkSenders(hosted);
        if (attempts.length > 1) this.#checkDeposed(hosted);
      }
    }
  }

  /** Of the source. */
  #acceptedBy(ref: TaskRef): number {
    return Math.max(0, ...(this.#attempts.get(taskId(ref)) as HostedAttempt[]).map(({ receivers }) => receivers[0]?.accepted ?? 0));
  }

  #joints(ref: TaskRef): Joints {
    return this.#joined.get(taskId(ref)) as Joints;
  }

  #checkReceivers({ ref, receivers }: HostedAttempt): void {
    const input = this.inputOf(ref);
    if (receivers.length !== this.#joints(ref).producers) this.violated('check 15: a task has one receiver for each producer');
    for (const receiver of receivers) {
      // What is sent again may find the consumer's window full: one window more.
      if (receiver.unfedBytes > 2 * this.#world.shape.windowBytes + this.#longestBytes) this.violated(`check 15: ${receiver.unfedBytes} bytes unfed in ${receiver.name}`);
      if (receiver.journaled > receiver.accepted) this.violated(`check 1: journaled > accepted in ${receiver.name}`);
      if (receiver.journaled > input.end(receiver.producer) && !input.finished) {
        this.violated(`check 1: ${receiver.journaled} of ${receiver.name} count as journaled, and ${input.end(receiver.producer)} are`);
      }
    }
  }

  /** Check 1, and 2: what a producer has let go, its consumer has. */
  #checkSenders({ ref, senders }: HostedAttempt): void {
    for (const [index, consumer] of this.#joints(ref).consumers.entries()) {
      const sender = senders[index] as ChannelSender;
      if (sender.stopped) continue;
      const input = this.inputOf(consumer);
      if (sender.acked > input.end(ref.index) && !input.finished) this.violated(`check 1: ${sender.acked} of ${sender.name} are acked, and ${input.end(ref.index)} journaled`);
    }
  }

  /** Check 2: it begins to make its output at no number above what its consumers have. */
  #checkRegenerable({ ref, recovered }: HostedAttempt): void {
    for (const [index, consumer] of this.#joints(ref).consumers.entries()) {
      const input = this.inputOf(consumer);
      const from = recovered.output?.channels[index];
      if (from === undefined || from.stopped || input.finished || from.sequence <= input.end(ref.index)) continue;
      this.violated(`check 2: ${channelName(ref, consumer)} begins at ${from.sequence}, and its consumer has ${input.end(ref.index)}`);
    }
  }

  /** Check 14: whatever an attempt has acked, the next one has found. */
  #checkDeposed({ ref, attempt, receivers }: HostedAttempt): void {
    const successor = (this.#attempts.get(taskId(ref)) as HostedAttempt[]).find((other) => other.attempt > attempt);
    if (successor === undefined || successor.recovered.finished) return;
    for (const { producer, name, journaled } of receivers) {
      const found = successor.recovered.positions[producer];
      const scanned = found === undefined ? 0 : found.next + (found.ended ? 1 : 0);
      if (journaled > scanned) this.violated(`check 14: attempt ${attempt} acks ${journaled} of ${name}, and attempt ${successor.attempt} has found ${scanned}`);
    }
  }
}
