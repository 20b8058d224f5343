/** What must hold at every moment of a simulated job. README.md says which check is where. */
import { channelName, FIRST_GENERATION, logName, producerNumber, taskId, taskName, type TaskRef } from '../../src/job/task-id.ts';
import { sinkStage } from '../../src/job/topology.ts';
import type { ChannelSender } from '../../src/wire/channel-sender.ts';
import { decodeSwitch } from '../../src/task/switch-point.ts';
import { CheckpointChecks } from './checkpoint-checks.ts';
import { DurableInput } from './durable-input.ts';
import { Feeding } from './feeding.ts';
import { ReadOnce, type Accepted } from './read-once.ts';
import { linesOf, type StageShape } from './shape.ts';
import type { LogWatch } from './sim-disk.ts';
import type { HostedAttempt } from './sim-task.ts';
import type { TaskChannels } from '../../src/worker/task-channels.ts';
import type { World } from './world.ts';

/** Tuples grow on their way, by so many bytes for each of theirs and so many at all. */
const MAX_GROWTH = 8;
const MAX_ADDED_BYTES = 64;

const SWITCH_TYPE = 8;
const SOURCE_SWITCH_TYPE = 12;

const SOURCE: TaskRef = { stage: 0, generation: FIRST_GENERATION, index: 0 };

export class LiveChecks implements LogWatch {
  readonly #world: World;
  readonly #inputs = new Map<string, DurableInput>();
  /** All attempts of each task that were ever hosted, in the order of their numbers. */
  readonly #attempts = new Map<string, HostedAttempt[]>();
  /** Lines made, by channel. */
  readonly #made = new Map<string, string[]>();
  readonly #checkpoints: CheckpointChecks;
  readonly #readOnce: ReadOnce | undefined;
  readonly #longestBytes: number;
  #violation: string | undefined;

  constructor(world: World) {
    this.#world = world;
    this.#checkpoints = new CheckpointChecks(world, (ref) => this.inputOf(ref), (what) => this.violated(what));
    if (world.shape.readOnce) this.#readOnce = new ReadOnce(world.disk, logName(world.job, SOURCE), (what) => this.violated(what));
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
    const name = taskName(ref);
    let input = this.#inputs.get(name);
    if (input === undefined) {
      input = new DurableInput(this.#world.disk, logName(this.#world.job, ref), ref.stage === sinkStage(this.#world.topology), (what) => this.violated(what));
      this.#inputs.set(name, input);
    }
    return input;
  }

  feedingOf(ref: TaskRef, channels: Pick<TaskChannels, 'producers'>): Feeding {
    const stage = this.#world.shape.stages[ref.stage - 1] as StageShape;
    return new Feeding(ref, stage, () => channels.producers, this.inputOf(ref), (what) => this.violated(what));
  }

  appending(name: string, type: number, payload: Buffer): void {
    this.#checkpoints.appending(name, type, payload);
  }

  cutting(name: string, before: number): void {
    this.#checkpoints.cutting(name, before);
  }

  /** A task has read its log and is about to be started. */
  hosted(hosted: HostedAttempt): void {
    const attempts = this.#attemptsOf(hosted.ref);
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
    if (stage?.contract === 'fold' && !this.inputOf(ref).isOver(hosted.channels.producers)) {
      this.violated(`check 11: task ${taskId(ref)} prints its state before the end of its input`);
    }
    // LN2: what is routed behind a SWITCH that is not durable nobody gets.
    if (sender.stopped || this.#isTentative(hosted, sender)) return;
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

  #isTentative({ ref, attempt, channels }: HostedAttempt, sender: ChannelSender): boolean {
    const lane = channels.lanes.all.find(({ senders }) => senders.includes(sender));
    if (lane?.pending !== true) return false;
    if (this.#latest(ref).attempt > attempt) return true;
    const records = this.#world.disk.recordsOf(logName(this.#world.job, ref)).slice(0, this.#world.disk.durableOf(logName(this.#world.job, ref)));
    return !records.some(({ type, payload }) => type === (ref.stage === 0 ? SOURCE_SWITCH_TYPE : SWITCH_TYPE) && decodeSwitch(payload).generation === lane.generation);
  }

  /** SK3: what came of a tuple that is left out since then is made no more, where nobody had it. A deposed attempt does not know. */
  #mayDiffer({ ref, attempt }: HostedAttempt, { name }: ChannelSender, sequence: number): boolean {
    if ((this.#world.shape.stages[ref.stage - 1]?.frailty ?? 'none') === 'none') return false;
    if (this.#latest(ref).attempt > attempt) return true;
    return sequence >= this.inputOf(consumerOf(name)).end(producerNumber(ref));
  }

  #latest(ref: TaskRef): HostedAttempt {
    return this.#attemptsOf(ref).at(-1) as HostedAttempt;
  }

  #attemptsOf(ref: TaskRef): HostedAttempt[] {
    const attempts = this.#attempts.get(taskName(ref)) ?? [];
    this.#attempts.set(taskName(ref), attempts);
    return attempts;
  }

  /** Checks 1, 2, 5, 14, 15 */
  afterStep(): void {
    this.#readOnce?.check(this.#world.tasksOf(1).map((ref) => this.#acceptedBy(ref)), this.#world.shape.rescales > 0);
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
  #acceptedBy(ref: TaskRef): Accepted {
    const accepted = this.#attemptsOf(ref).flatMap(({ channels }) => channels.receivers).map((receiver) => ({ tuples: receiver.accepted - (receiver.ended ? 1 : 0), ended: receiver.ended }));
    return { tuples: Math.max(0, ...accepted.map(({ tuples }) => tuples)), ended: accepted.some(({ ended }) => ended) };
  }

  #checkReceivers({ ref, channels: { receivers, producers } }: HostedAttempt): void {
    const input = this.inputOf(ref);
    if (receivers.length !== producers.numbers.length) this.violated('check 15: a task has one receiver for each producer');
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
  #checkSenders({ ref, channels: { senders } }: HostedAttempt): void {
    for (const sender of senders) {
      if (sender.stopped) continue;
      const input = this.inputOf(consumerOf(sender.name));
      const end = input.end(producerNumber(ref));
      if (sender.acked > end && !input.finished) this.violated(`check 1: ${sender.acked} of ${sender.name} are acked, and ${end} journaled`);
    }
  }

  /** Check 2: it begins to make its output at no number above what its consumers have. */
  #checkRegenerable({ ref, recovered: { output } }: HostedAttempt): void {
    for (const [index, from] of output?.channels.entries() ?? []) {
      const consumer = { stage: ref.stage + 1, generation: output?.generation ?? 1, index };
      const input = this.inputOf(consumer);
      const end = input.end(producerNumber(ref));
      if (from.stopped || input.finished || from.sequence <= end) continue;
      this.violated(`check 2: ${channelName(ref, consumer)} begins at ${from.sequence}, and its consumer has ${end}`);
    }
  }

  /** Check 14: whatever an attempt has acked, the next one has found. */
  #checkDeposed({ ref, attempt, channels: { receivers } }: HostedAttempt): void {
    const successor = this.#attemptsOf(ref).find((other) => other.attempt > attempt);
    if (successor === undefined || successor.recovered.finished) return;
    for (const { producer, name, journaled } of receivers) {
      const found = successor.recovered.positions.get(producer);
      const scanned = found === undefined ? 0 : found.next + (found.ended ? 1 : 0);
      if (journaled > scanned) this.violated(`check 14: attempt ${attempt} acks ${journaled} of ${name}, and attempt ${successor.attempt} has found ${scanned}`);
    }
  }
}

/** Where a channel leads, by its name. */
function consumerOf(channel: string): TaskRef {
  const [stage = 0, generation = 0, index = 0] = (channel.split('>')[1] ?? '').split('.').map(Number);
  return { stage, generation, index };
}
