import type { Random } from '../../src/base/random.ts';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { Opened } from '../../src/wire/channel-receiver.ts';
import { InChannel, type SkipTuples } from '../../src/wire/in-channel.ts';
import type { Sendable } from '../../src/wire/held-frame.ts';
import { OutChannel } from '../../src/wire/out-channel.ts';

type ToConsumer = { readonly kind: 'open' } | Sendable;

type ToProducer =
  | { readonly kind: 'opened'; readonly answer: Opened }
  | { readonly kind: 'ack'; readonly expected: number; readonly creditBytes: number }
  | { readonly kind: 'stop' };

/** What is under way in both directions. Once cut, nothing more enters, and only some of what was under way arrives. */
interface ModelConnection {
  cut: boolean;
  readonly toConsumer: ToConsumer[];
  readonly toProducer: ToProducer[];
}

export interface ModelOptions {
  readonly format: Format;
  /** Whether the consumer may want no more at some moment. */
  readonly stops: boolean;
}

const MAX_FAULTS = 12;

/**
 * Both ends of a channel and a network between them, driven by a seed: what is pushed, delivered, delayed, recorded, fed,
 * acked and cut, and when. Now and then the producer starts again and makes the same tuples in other frames, in its place or
 * in another process that knows nothing. What a channel promises is checked after each step; `run` throws at the first breach.
 */
export class ChannelModel {
  cuts = 0;
  restarts = 0;
  rejected = 0;
  oversize = 0;
  stops = 0;
  readonly #random: Random;
  readonly #options: ModelOptions;
  readonly #tuples: readonly Buffer[];
  readonly #skip: SkipTuples;
  readonly #windowBytes: number;
  readonly #maxHeldBytes: number;
  #out: OutChannel;
  readonly #in: InChannel;
  /** The next tuple that the running producer makes. */
  #made = 0;
  #finished = false;
  #stopped = false;
  #fins = 0;
  /** The producer's connection, and the one that the consumer last saw the channel opened on. */
  #connection: ModelConnection | undefined;
  #consumerConnection: ModelConnection | undefined;
  /** The consumer has yet to answer on its connection. */
  #unanswered = false;
  readonly #network: ModelConnection[] = [];
  /** All tuples as one stream, where each begins in it, and how far the consumer has come. */
  readonly #stream: Buffer;
  readonly #starts: readonly number[];
  #acceptedBytes = 0;
  /** Accepted and not recorded: where that leads, and the bytes that it makes feedable. */
  readonly #unrecorded: { readonly expected: number; readonly bytes: Buffer | undefined }[] = [];
  readonly #unfed: Buffer[] = [];
  #largestFrameBytes = 0;
  #ackedBefore = 0;

  constructor(random: Random, options: ModelOptions) {
    this.#random = random;
    this.#options = options;
    this.#windowBytes = 8 + random.below(60);
    this.#maxHeldBytes = 8 + random.below(60);
    this.#tuples = Array.from({ length: random.below(40) }, (_, index) => this.#makeTuple(index));
    this.#stream = Buffer.concat(this.#tuples);
    this.#starts = [0, ...this.#tuples.map((_, index) => sizeOf(this.#tuples.slice(0, index + 1)))];
    this.#skip = (bytes, count) => skipTuples(options.format, bytes, count);
    this.#out = new OutChannel(this.#maxHeldBytes, this.#skip);
    this.#in = new InChannel(this.#windowBytes, this.#skip);
  }

  run(): void {
    const steps = 50 + this.#random.below(400);
    for (let step = 0; step < steps; step++) this.#step(this.cuts < MAX_FAULTS);
    // From here on nothing goes wrong any more, and everything must come to an end.
    for (let step = 0; step < 5000 && !this.#atEnd(); step++) this.#step(false);
    check(this.#atEnd(), `stuck at ${this.#out.acked} of ${this.#tuples.length} tuples`);
    if (this.#stopped) return;
    check(this.#acceptedBytes === this.#stream.length, 'everything arrived');
    check(this.#fins === 1, 'I1: one FIN');
  }

  #atEnd(): boolean {
    return this.#finished && this.#out.done && this.#in.unfedBytes === 0;
  }

  #step(faults: boolean): void {
    const actions = [
      () => this.#push(), () => this.#push(), () => this.#send(), () => this.#send(),
      () => this.#deliverToConsumer(), () => this.#deliverToConsumer(), () => this.#deliverToProducer(),
      () => this.#record(), () => this.#record(), () => this.#feed(), () => this.#ack(), () => this.#connect(),
    ];
    const choice = this.#random.below(actions.length + (faults ? 2 : 0));
    if (choice < actions.length) actions[choice]?.();
    else this.#fault();
    this.#check();
  }

  #fault(): void {
    const which = this.#random.below(12);
    if (which < 8) this.#cut();
    else if (which < 10) this.#restartOperator();
    else if (which === 10) this.#restartElsewhere();
    else if (this.#options.stops && this.#random.below(2) === 0) this.#stop();
  }

  #makeTuple(index: number): Buffer {
    const oversize = this.#random.below(20) === 0;
    if (oversize) this.oversize += 1;
    const filler = 'x'.repeat(oversize ? 80 : this.#random.below(12));
    const quoted = this.#options.format === 'csv' && this.#random.below(3) === 0;
    return Buffer.from(quoted ? `${index},"${filler}\n"""\n` : `${index}${filler}\n`);
  }

  /** Makes a frame of the next few tuples, or the end. */
  #push(): void {
    if (this.#finished || this.#out.full) return;
    if (this.#made === this.#tuples.length) {
      this.#finished = true;
      return this.#out.finish();
    }
    const to = Math.min(this.#tuples.length, this.#made + 1 + this.#random.below(5));
    const bytes = Buffer.concat(this.#tuples.slice(this.#made, to));
    this.#largestFrameBytes = Math.max(this.#largestFrameBytes, bytes.length);
    this.#out.push(bytes, to - this.#made);
    this.#made = to;
  }

  #send(): void {
    const sendable = this.#out.takeSendable();
    if (sendable !== undefined) this.#put(this.#connection, sendable);
  }

  #put(connection: ModelConnection | undefined, message: ToConsumer): void {
    if (connection?.cut === false) connection.toConsumer.push(message);
  }

  #deliverToConsumer(): void {
    const connection = this.#pick((candidate) => candidate.toConsumer.length > 0);
    const message = connection?.toConsumer.shift();
    if (connection === undefined || message === undefined) return;
    if (message.kind === 'open') {
      // Older connections are closed when a newer one is accepted, before anything is read from it.
      if (this.#consumerConnection !== undefined && this.#network.indexOf(connection) < this.#network.indexOf(this.#consumerConnection)) return;
      this.#consumerConnection = connection;
      this.#unanswered = true;
      return this.#answer();
    }
    if (connection !== this.#consumerConnection) return;
    if (message.kind === 'fin') this.#takeFin(message.sequence);
    else this.#take(message.frame.first, message.frame.count, message.frame.bytes);
  }

  #take(first: number, count: number, bytes: Buffer): void {
    const acceptance = this.#in.accept(first, count, bytes);
    this.rejected += acceptance.rejected;
    if (acceptance.kind === 'duplicate') return;
    const end = this.#acceptedBytes + acceptance.bytes.length;
    check(this.#stream.subarray(this.#acceptedBytes, end).equals(acceptance.bytes), 'I1: once and in order');
    this.#acceptedBytes = end;
    this.#unrecorded.push({ expected: this.#in.accepted, bytes: acceptance.bytes });
  }

  #takeFin(sequence: number): void {
    if (!this.#in.end(sequence, false)) return;
    this.#fins += 1;
    this.#unrecorded.push({ expected: this.#in.accepted, bytes: undefined });
  }

  #record(): void {
    const oldest = this.#unrecorded.shift();
    if (oldest === undefined) return;
    this.#in.recorded(oldest.expected);
    if (oldest.bytes !== undefined && this.#stopped) this.#in.fed(oldest.bytes.length);
    else if (oldest.bytes !== undefined) this.#unfed.push(oldest.bytes);
    this.#answer();
  }

  /** A handshake is answered when everything accepted is recorded. */
  #answer(): void {
    if (!this.#unanswered || this.#in.journaled !== this.#in.accepted) return;
    this.#unanswered = false;
    this.#in.opened();
    const { journaled: expected, ended, creditBytes, windowBytes, digest } = this.#in;
    if (this.#stopped) this.#tell({ kind: 'stop' });
    this.#tell({ kind: 'opened', answer: { expected, ended, creditBytes, windowBytes, digest } });
  }

  #tell(message: ToProducer): void {
    const connection = this.#consumerConnection;
    if (connection?.cut === false) connection.toProducer.push(message);
  }

  #deliverToProducer(): void {
    const connection = this.#pick((candidate) => candidate.toProducer.length > 0);
    const message = connection?.toProducer.shift();
    if (message === undefined || connection !== this.#connection) return;
    if (message.kind === 'stop') this.#out.stop();
    else if (message.kind === 'ack') this.#out.acknowledged(message.expected, message.creditBytes);
    else this.#out.opened(message.answer);
  }

  #feed(): void {
    const bytes = this.#unfed.shift();
    if (bytes !== undefined) this.#in.fed(bytes.length);
  }

  #ack(): void {
    if (this.#unanswered || this.#consumerConnection?.toProducer.at(-1)?.kind === 'ack') return;
    this.#tell({ kind: 'ack', expected: this.#in.journaled, creditBytes: this.#in.creditBytes });
  }

  /** The producer notices the cut only now, and dials again. */
  #connect(): void {
    if (this.#connection?.cut === false) return;
    const connection: ModelConnection = { cut: false, toConsumer: [{ kind: 'open' }], toProducer: [] };
    const again = this.#out.resend();
    if (again !== undefined) connection.toConsumer.push(again);
    this.#connection = connection;
    this.#network.push(connection);
  }

  #cut(): void {
    const connection = this.#connection;
    if (connection === undefined || connection.cut) return;
    this.cuts += 1;
    connection.cut = true;
    // What had left before the cut arrives as far as the network got with it.
    connection.toConsumer.length = this.#random.below(connection.toConsumer.length + 1);
    connection.toProducer.length = this.#random.below(connection.toProducer.length + 1);
    if (this.#random.below(2) === 0) this.#out.disconnected();
  }

  /** The operator is started again in its place: it makes everything again, cut into frames in another way. */
  #restartOperator(): void {
    if (this.#finished) return;
    this.restarts += 1;
    this.#out.restart();
    this.#made = 0;
  }

  /** Another process takes the producer over, and learns from the consumer only what it has. */
  #restartElsewhere(): void {
    this.#cut();
    this.restarts += 1;
    this.#connection = undefined;
    this.#out = new OutChannel(this.#maxHeldBytes, this.#skip);
    this.#made = 0;
    this.#finished = false;
    this.#ackedBefore = 0;
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.stops += 1;
    for (const bytes of this.#unfed.splice(0)) this.#in.fed(bytes.length);
    if (!this.#unanswered) this.#tell({ kind: 'stop' });
  }

  #pick(wanted: (connection: ModelConnection) => boolean): ModelConnection | undefined {
    const candidates = this.#network.filter(wanted);
    return candidates[this.#random.below(Math.max(1, candidates.length))];
  }

  #check(): void {
    const tuples = this.#in.ended ? this.#in.accepted - 1 : this.#in.accepted;
    check(this.#starts[tuples] === this.#acceptedBytes, 'I1: as many tuples as bytes');
    check(!this.#in.ended || tuples === this.#tuples.length, 'I1: the FIN came last');
    this.#checkLimits();
    const out = this.#out;
    check(out.acked >= this.#ackedBefore, 'O3: acks never go back');
    check(out.acked <= out.next, 'O3: acked ≤ next');
    this.#ackedBefore = out.acked;
    if (out.stopped) return check(out.heldBytes === 0, 'a stopped channel holds nothing');
    check(out.acked <= this.#in.journaled && this.#in.journaled <= this.#in.accepted, 'I5: acked ≤ journaled ≤ accepted');
    // After a start elsewhere, `next` may be what the consumer has and the producer has not made again: that is acked.
    check(out.heldBytes >= this.#bytesOf(out.acked, out.next), 'O2: what is not acked is held');
  }

  #checkLimits(): void {
    const unfed = [...this.#unrecorded.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes])), ...this.#unfed];
    check(this.#in.unfedBytes === sizeOf(unfed), 'I4: unfed is what was accepted and not fed');
    check(sizeOf(unfed) <= this.#windowBytes || unfed.length === 1, 'I4: more than the window is one oversize frame alone');
    check(this.#out.heldBytes < this.#maxHeldBytes + this.#largestFrameBytes, 'what is held keeps to its limit');
  }

  #bytesOf(from: number, to: number): number {
    return (this.#starts[to] as number) - (this.#starts[from] as number);
  }
}

function sizeOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, bytes) => sum + bytes.length, 0);
}

function check(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(promise);
}
