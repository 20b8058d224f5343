/**
 * Writes what the last stage puts out.
 *
 * K1 One write at a time, in the order of acceptance. Acked is only what the operating system has; credit is given with it.
 *    A sink whose result can be cut back commits before it acks (C1, C3).
 * K2 The result becomes visible only by `publish`, which the leader asks for when the whole job has succeeded.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import type { Sink } from '../connect/sink.ts';
import type { TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskState, TaskStatus } from '../job/task-status.ts';
import type { ChannelReceiver, ReceiverEvents } from '../wire/channel-receiver.ts';
import { CHANNEL_START, type ChannelPosition } from '../wire/in-channel.ts';
import { InputOrder, type Producers } from './input-order.ts';
import { SinkAcks } from './sink-acks.ts';
import type { SinkCommit, SinkCommits } from './sink-commits.ts';
import type { TaskLog } from './local-log.ts';
import { NO_OUTPUT, failureFrom, type Task, type Unfinished } from './task.ts';

/** Frames written by one system call; more brings nothing, and IOV_MAX is 1024. */
const MAX_FRAMES_PER_WRITE = 64;

interface Fin {
  readonly receiver: ChannelReceiver;
  readonly sequence: number;
}

interface AcceptedFrame {
  readonly receiver: ChannelReceiver;
  readonly first: number;
  readonly count: number;
  readonly bytes: Buffer;
  /** Of its channel, up to the end of this frame. */
  readonly digest: number;
}

export interface SinkTaskOptions {
  readonly ref: TaskRef;
  /** Opens the sink when the task starts, where an attempt before has left it. Throws SINK_FAILED or DESTINATION. */
  readonly open: (recovered: SinkCommit | undefined) => Promise<Sink>;
  /** Of the task: above 1 where another worker had it before. */
  readonly attempt: number;
  /** Undefined where nothing is to survive a crash. */
  readonly commits: SinkCommits | undefined;
  /** What an attempt before has committed. */
  readonly recovered?: SinkCommit | undefined;
  readonly producers: () => Producers;
  readonly receivers: () => readonly ChannelReceiver[];
  readonly log: TaskLog;
  readonly changed: () => void;
}

export class SinkTask implements Task {
  readonly ref: TaskRef;
  readonly input: ReceiverEvents;
  readonly output = NO_OUTPUT;
  readonly #options: SinkTaskOptions;
  readonly #order: InputOrder<AcceptedFrame>;
  /** Where each channel stands with what is written. */
  readonly #positions: Map<number, ChannelPosition>;
  /** Ends of channels, acked when everything before is written. */
  #fins: Fin[] = [];
  #state: TaskState = 'starting';
  #failure: TaskFailure | undefined;
  #writing: Promise<void> | undefined;
  #tuples = 0;
  #published = false;
  /** The reader of the output has gone. */
  #unread = false;
  #unfinished: Unfinished = 'remove';
  #sink: Sink | undefined;
  /** Undefined where nothing is committed. */
  readonly #acks: SinkAcks | undefined;

  constructor(options: SinkTaskOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.#order = new InputOrder(options.producers);
    this.#acks = options.commits === undefined ? undefined : new SinkAcks(options.commits, (error) => this.#failOn(error));
    this.#positions = new Map(options.recovered?.positions);
    this.#tuples = options.recovered?.tuples ?? 0;
    for (const [producer, { ended }] of this.#positions) if (ended) this.#order.end(producer);
    this.input = {
      accepted: (receiver, first, count, bytes) => {
        this.#order.accept({ receiver, first, count, bytes, digest: receiver.digest });
        this.#write();
      },
      rejected: (receiver, first, count) => options.log.event('REJECTED', `channel=${receiver.name} first=${first} tuples=${count}`),
      ended: (receiver, sequence) => {
        this.#order.end(receiver.producer);
        this.#fins.push({ receiver, sequence });
        this.#write();
      },
    };
  }

  /** Producers have come or gone; the end of input may be reached with that. */
  rewired(): void {
    const present = new Set(this.#options.producers().numbers);
    for (const [producer, { ended }] of this.#positions) if (ended && !present.has(producer)) this.#positions.delete(producer);
    if (this.#unread) this.#stopProducers();
    this.#write();
  }

  async start(): Promise<void> {
    const { log, attempt, recovered } = this.#options;
    log.event(attempt === 1 ? 'START' : 'RESTART', `attempt=${attempt}${recovered === undefined ? '' : ` committed bytes=${recovered.bytes} tuples=${recovered.tuples}`}`);
    await this.#guard(async () => {
      this.#sink = await this.#options.open(recovered);
    });
    if (this.#state === 'starting') this.#setState('running');
    // Stopped while it was opening: nobody else will close it.
    if (this.#state === 'stopped') await this.#closeUnfinished();
    this.#write();
  }

  status(): TaskStatus {
    return {
      ...this.ref,
      attempt: this.#options.attempt,
      state: this.#state,
      groups: [],
      inTuples: this.#tuples,
      outTuples: this.#tuples,
      sourceDoneBytes: undefined,
      sourceTotalBytes: undefined,
      failure: this.#failure,
    };
  }

  /** K2. Throws SINK_FAILED. */
  async publish(): Promise<void> {
    const commit = this.#standing(this.#openSink, true);
    if (commit !== undefined) await this.#options.commits?.commit(commit);
    await this.#openSink.publish();
    this.#published = true;
    this.#options.log.event('END', `published, tuples=${this.#tuples}`);
  }

  /** Unless the result was published or is to be kept for a next attempt, nothing half written is left. */
  async stop(unfinished: Unfinished = 'remove'): Promise<void> {
    if (this.#state !== 'finished' && this.#state !== 'failed') this.#setState('stopped');
    this.#unfinished = unfinished;
    // First: this also ends a write that waits for a reader.
    if (!this.#published) await this.#closeUnfinished();
    await this.#writing;
    await this.#acks?.settled();
    await this.#options.commits?.close();
  }

  async #closeUnfinished(): Promise<void> {
    const isKept = this.#unfinished === 'keep' && this.#options.commits !== undefined;
    await (isKept ? this.#sink?.leave() : this.#sink?.abandon());
  }

  /** One writer at a time; it goes on until nothing is left. */
  #write(): void {
    if (this.#writing !== undefined || this.#state !== 'running') return;
    if (this.#order.empty && this.#fins.length === 0 && !this.#order.ended) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
      this.#write();
    });
  }

  #writeAll(): Promise<void> {
    return this.#guard(async () => {
      while (this.#state === 'running' && (!this.#order.empty || this.#fins.length > 0)) await this.#writeSome(this.#openSink);
      if (this.#state === 'running' && this.#order.ended) await this.#finish();
    });
  }

  get #openSink(): Sink {
    invariant(this.#sink !== undefined, 'K1: a running sink is open');
    return this.#sink;
  }

  async #writeSome(sink: Sink): Promise<void> {
    const frames: AcceptedFrame[] = [];
    while (frames.length < MAX_FRAMES_PER_WRITE) {
      const frame = this.#order.take();
      if (frame === undefined) break;
      frames.push(frame);
    }
    const outcome = frames.length === 0 ? 'open' : await sink.write(frames.map((frame) => frame.bytes));
    // Stopped meanwhile: what became of the bytes is not known, and nobody will ask.
    if (this.#state !== 'running') return;
    for (const { receiver, first, count, digest } of frames) {
      this.#tuples += count;
      this.#positions.set(receiver.producer, { next: first + count, ended: false, digest });
    }
    const fins = this.#order.empty ? this.#takeFins() : [];
    const ack = () => {
      for (const { receiver, first, count, bytes } of frames) {
        receiver.recorded(first + count);
        receiver.fed(bytes.length);
      }
      for (const { receiver, sequence } of fins) receiver.recorded(sequence + 1);
    };
    const commit = this.#standing(sink, false);
    if (this.#acks === undefined || commit === undefined) ack();
    else this.#acks.written(commit, ack);
    if (outcome === 'closed') await this.#readerGone();
  }

  /** Where the sink is, no write being under way (C1, C2). Undefined where its result cannot be cut back. */
  #standing(sink: Sink, finalizing: boolean): SinkCommit | undefined {
    if (sink.bytes === undefined) return undefined;
    return { bytes: sink.bytes, tuples: this.#tuples, positions: new Map(this.#positions), finalizing };
  }

  /** Ends of channels count with the tuples before them. */
  #takeFins(): Fin[] {
    const fins = this.#fins;
    this.#fins = [];
    for (const { receiver } of fins) {
      this.#positions.set(receiver.producer, { ...(this.#positions.get(receiver.producer) ?? CHANNEL_START), ended: true });
    }
    return fins;
  }

  async #readerGone(): Promise<void> {
    this.#options.log.event('NOTE', 'the reader of the output has gone; the rest is dropped');
    this.#unread = true;
    this.#stopProducers();
    await this.#finish();
  }

  #stopProducers(): void {
    for (const receiver of this.#options.receivers()) receiver.stop();
  }

  async #finish(): Promise<void> {
    await this.#acks?.settled();
    if (this.#state !== 'running') return;
    await this.#openSink.finish();
    if (this.#state !== 'running') return;
    this.#options.log.event('END', `in=${this.#tuples}`);
    this.#setState('finished');
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#failOn(error);
    }
  }

  /** Anything but a RainstormError is a bug, and ends the worker. */
  #failOn(error: unknown): void {
    if (!(error instanceof RainstormError)) throw error;
    this.#failure = failureFrom(error);
    this.#options.log.event('FAILED', error.message);
    this.#setState('failed');
  }

  #setState(state: TaskState): void {
    this.#state = state;
    this.#options.changed();
  }
}
