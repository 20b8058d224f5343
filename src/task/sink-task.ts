/**
 * Writes what the last stage puts out.
 *
 * K1 One write at a time, in the order of acceptance. Acked is only what the operating system has; credit is given with it.
 * K2 The result becomes visible only by `publish`, which the leader asks for when the whole job has succeeded.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import type { Sink } from '../connect/sink.ts';
import type { TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskState, TaskStatus } from '../job/task-status.ts';
import type { ChannelReceiver, ReceiverEvents } from '../wire/channel-receiver.ts';
import { InputOrder } from './input-order.ts';
import type { TaskLog } from './local-log.ts';
import { NO_OUTPUT, failureFrom, type Task } from './task.ts';

/** Frames written by one system call; more brings nothing, and IOV_MAX is 1024. */
const MAX_FRAMES_PER_WRITE = 64;

interface AcceptedFrame {
  readonly receiver: ChannelReceiver;
  readonly first: number;
  readonly count: number;
  readonly bytes: Buffer;
}

export interface SinkTaskOptions {
  readonly ref: TaskRef;
  /** Opens the sink when the task starts. Throws SINK_FAILED or DESTINATION. */
  readonly open: () => Promise<Sink>;
  readonly producers: number;
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
  /** Ends of channels, acked when everything before is written. */
  #fins: { readonly receiver: ChannelReceiver; readonly sequence: number }[] = [];
  #state: TaskState = 'starting';
  #failure: TaskFailure | undefined;
  #writing: Promise<void> | undefined;
  #tuples = 0;
  #published = false;
  #sink: Sink | undefined;

  constructor(options: SinkTaskOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.#order = new InputOrder(options.producers);
    this.input = {
      accepted: (receiver, first, count, bytes) => {
        this.#order.accept({ receiver, first, count, bytes });
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

  async start(): Promise<void> {
    this.#options.log.event('START', 'attempt=1');
    await this.#guard(async () => {
      this.#sink = await this.#options.open();
    });
    if (this.#state === 'starting') this.#setState('running');
    // Stopped while it was opening: nobody else will clean up.
    if (this.#state === 'stopped') await this.#sink?.abandon();
    this.#write();
  }

  status(): TaskStatus {
    return {
      ...this.ref,
      attempt: 1,
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
    await this.#sink?.publish();
    this.#published = true;
    this.#options.log.event('END', `published, tuples=${this.#tuples}`);
  }

  /** Unless the result was published, nothing half written is left. */
  async stop(): Promise<void> {
    if (this.#state !== 'finished' && this.#state !== 'failed') this.#setState('stopped');
    await this.#writing;
    if (!this.#published) await this.#sink?.abandon();
  }

  /** One writer at a time; it goes on until nothing is left. */
  #write(): void {
    if (this.#writing !== undefined || this.#state !== 'running') return;
    if (this.#order.empty) this.#ackEnds();
    if (this.#order.empty && !this.#order.ended) return;
    this.#writing = this.#writeAll().finally(() => {
      this.#writing = undefined;
      this.#write();
    });
  }

  #writeAll(): Promise<void> {
    return this.#guard(async () => {
      while (this.#state === 'running' && !this.#order.empty) await this.#writeSome(this.#openSink);
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
    const outcome = await sink.write(frames.map((frame) => frame.bytes));
    for (const frame of frames) {
      this.#tuples += frame.count;
      frame.receiver.recorded(frame.first + frame.count);
      frame.receiver.fed(frame.bytes.length);
    }
    if (this.#order.empty) this.#ackEnds();
    if (outcome === 'closed') await this.#readerGone();
  }

  #ackEnds(): void {
    for (const { receiver, sequence } of this.#fins) receiver.recorded(sequence + 1);
    this.#fins = [];
  }

  async #readerGone(): Promise<void> {
    this.#options.log.event('NOTE', 'the reader of the output has gone; the rest is dropped');
    for (const receiver of this.#options.receivers()) receiver.stop();
    await this.#finish();
  }

  async #finish(): Promise<void> {
    await this.#openSink.finish();
    this.#options.log.event('END', `in=${this.#tuples}`);
    this.#setState('finished');
  }

  async #guard(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      this.#failure = failureFrom(error);
      this.#options.log.event('FAILED', error.message);
      this.#setState('failed');
    }
  }

  #setState(state: TaskState): void {
    this.#state = state;
    this.#options.changed();
  }
}
