import { expect } from 'vitest';
import type { Random } from '../../src/base/random.ts';
import { skipTuples } from '../../src/job/skip-tuples.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { InChannel } from '../../src/wire/in-channel.ts';
import { OutChannel } from '../../src/wire/out-channel.ts';

type ToConsumer =
  | { readonly kind: 'open' }
  | { readonly kind: 'data'; readonly first: number; readonly count: number; readonly bytes: Buffer }
  | { readonly kind: 'fin'; readonly sequence: number };

type ToProducer =
  | { readonly kind: 'opened'; readonly expected: number; readonly creditBytes: number; readonly windowBytes: number }
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
 * Both ends of a channel and a network between them, driven by a seed: what is pushed, delivered, delayed, fed, acked and
 * cut, and when. Now and then the producer starts again, with the same tuples in other frames. What a channel promises is
 * checked after each step; `run` throws at the first breach.
 */
export class ChannelModel {
  cuts = 0;
  rejected = 0;
  oversize = 0;
  stops = 0;
  #restarts = 0;
  readonly #random: Random;
  readonly #options: ModelOptions;
  readonly #tuples: readonly Buffer[];
  readonly #windowBytes: number;
  readonly #maxHeldBytes: number;
  #out: OutChannel;
  readonly #in: InChannel;
  /** The producer's connection, and the one that the consumer last saw the channel opened on. */
  #connection: ModelConnection | undefined;
  #consumerConnection: ModelConnection | undefined;
  readonly #network: ModelConnection[] = [];
  readonly #accepted: Buffer[] = [];
  readonly #unfed: Buffer[] = [];
  #fins = 0;
  #finished = false;
  #stopped = false;
  #largestFrameBytes = 0;
  #ackedBefore = 0;

  constructor(random: Random, options: ModelOptions) {
    this.#random = random;
    this.#options = options;
    this.#windowBytes = 8 + random.below(60);
    this.#maxHeldBytes = 8 + random.below(60);
    this.#tuples = Array.from({ length: random.below(40) }, (_, index) => this.#makeTuple(index));
    this.#out = new OutChannel(this.#maxHeldBytes);
    this.#in = new InChannel(this.#windowBytes, (bytes, count) => skipTuples(options.format, bytes, count));
  }

  run(): void {
    const steps = 50 + this.#random.below(400);
    for (let step = 0; step < steps; step++) this.#step(this.cuts < MAX_FAULTS);
    // From here on nothing goes wrong any more, and everything must come to an end.
    for (let step = 0; step < 4000 && !this.#atEnd(); step++) this.#step(false);
    expect(this.#atEnd(), `stuck at ${this.#out.acked} of ${this.#tuples.length} tuples`).toBe(true);
    if (this.#stopped) return;
    expect(Buffer.concat(this.#accepted)).toEqual(Buffer.concat(this.#tuples));
    expect(this.#fins).toBe(1);
  }

  #atEnd(): boolean {
    return this.#finished && this.#out.done && this.#unfed.length === 0;
  }

  #step(faults: boolean): void {
    switch (this.#random.below(faults ? 12 : 10)) {
      case 0:
      case 1:
        this.#push();
        break;
      case 2:
      case 3:
        this.#send();
        break;
      case 4:
      case 5:
        this.#deliverToConsumer();
        break;
      case 6:
        this.#deliverToProducer();
        break;
      case 7:
        this.#feed();
        break;
      case 8:
        this.#ack();
        break;
      case 9:
        this.#connect();
        break;
      case 10:
        this.#cut();
        break;
      case 11:
        if (this.#random.below(4) === 0) this.#restartProducer();
        else if (this.#options.stops && this.#random.below(10) === 0) this.#stop();
        break;
    }
    this.#check();
  }

  #makeTuple(index: number): Buffer {
    const oversize = this.#random.below(20) === 0;
    if (oversize) this.oversize += 1;
    const filler = 'x'.repeat(oversize ? 80 : this.#random.below(12));
    const quoted = this.#options.format === 'csv' && this.#random.below(3) === 0;
    return Buffer.from(quoted ? `${index},"${filler}\n"""\n` : `${index}${filler}\n`);
  }

  /** Pushes a frame of the next few tuples, or the FIN. */
  #push(): void {
    if (this.#finished || (this.#out.full && !this.#stopped)) return;
    const from = this.#out.next;
    if (from === this.#tuples.length) {
      this.#finished = true;
      this.#out.finish();
      return;
    }
    this.#pushFrame(from, Math.min(this.#tuples.length, from + 1 + this.#random.below(5)));
  }

  #pushFrame(from: number, to: number): void {
    const bytes = Buffer.concat(this.#tuples.slice(from, to));
    this.#largestFrameBytes = Math.max(this.#largestFrameBytes, bytes.length);
    this.#out.push(bytes, to - from);
  }

  #send(): void {
    const sendable = this.#out.takeSendable();
    if (sendable === undefined) return;
    const connection = this.#connection as ModelConnection;
    if (connection.cut) return;
    connection.toConsumer.push(sendable.kind === 'fin' ? sendable : { kind: 'data', ...sendable.frame });
  }

  #deliverToConsumer(): void {
    const connection = this.#pick((candidate) => candidate.toConsumer.length > 0);
    const message = connection?.toConsumer.shift();
    if (connection === undefined || message === undefined) return;
    if (message.kind === 'open') return this.#open(connection);
    if (connection !== this.#consumerConnection) return;
    if (message.kind === 'fin') {
      if (this.#in.end(message.sequence)) this.#fins += 1;
      return;
    }
    const acceptance = this.#in.accept(message.first, message.count, message.bytes);
    this.rejected += acceptance.rejected;
    if (acceptance.kind === 'duplicate') return;
    this.#accepted.push(acceptance.bytes);
    if (this.#stopped) this.#in.fed(acceptance.bytes.length);
    else this.#unfed.push(acceptance.bytes);
  }

  #open(connection: ModelConnection): void {
    this.#consumerConnection = connection;
    this.#in.opened();
    this.#answer({ kind: 'opened', expected: this.#in.expected, creditBytes: this.#in.creditBytes, windowBytes: this.#in.windowBytes });
    if (this.#stopped) this.#answer({ kind: 'stop' });
  }

  #answer(message: ToProducer): void {
    const connection = this.#consumerConnection;
    if (connection !== undefined && !connection.cut) connection.toProducer.push(message);
  }

  #deliverToProducer(): void {
    const connection = this.#pick((candidate) => candidate.toProducer.length > 0);
    const message = connection?.toProducer.shift();
    if (message === undefined || connection !== this.#connection) return;
    if (message.kind === 'stop') this.#out.stop();
    else if (message.kind === 'ack') this.#out.acknowledged(message.expected, message.creditBytes);
    else this.#out.opened(message.expected, message.creditBytes, message.windowBytes);
  }

  #feed(): void {
    const bytes = this.#unfed.shift();
    if (bytes !== undefined) this.#in.fed(bytes.length);
  }

  #ack(): void {
    this.#answer({ kind: 'ack', expected: this.#in.expected, creditBytes: this.#in.creditBytes });
  }

  /** The producer notices the cut only now, and dials again. */
  #connect(): void {
    if (this.#connection?.cut === false) return;
    this.#out.disconnected();
    const connection: ModelConnection = { cut: false, toConsumer: [{ kind: 'open' }], toProducer: [] };
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
  }

  /** As an operator that is started again: the same tuples, cut into frames in another way, at least as many as before. */
  #restartProducer(): void {
    this.#cut();
    this.#restarts += 1;
    const made = this.#out.next;
    this.#connection = undefined;
    this.#out = new OutChannel(this.#maxHeldBytes);
    this.#ackedBefore = 0;
    for (let from = 0; from < made; ) {
      const to = Math.min(made, from + 1 + this.#random.below(7));
      this.#pushFrame(from, to);
      from = to;
    }
    if (this.#finished) this.#out.finish();
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.stops += 1;
    for (const bytes of this.#unfed.splice(0)) this.#in.fed(bytes.length);
    this.#answer({ kind: 'stop' });
  }

  #pick(wanted: (connection: ModelConnection) => boolean): ModelConnection | undefined {
    const candidates = this.#network.filter(wanted);
    return candidates[this.#random.below(Math.max(1, candidates.length))];
  }

  #check(): void {
    // I1: what was accepted is the beginning of what was made.
    const accepted = this.#accepted.length;
    const at = this.#in.ended ? this.#in.expected - 1 : this.#in.expected;
    if (accepted > 0) expect(Buffer.concat(this.#accepted).equals(Buffer.concat(this.#tuples.slice(0, at))), 'I1').toBe(true);
    if (this.#in.ended && !this.#stopped) expect(at, 'I1: the FIN came last').toBe(this.#tuples.length);
    // I4: within the window, but for a single frame.
    const unfedBytes = this.#unfed.reduce((sum, bytes) => sum + bytes.length, 0);
    expect(this.#in.unfedBytes, 'I4').toBe(unfedBytes);
    if (unfedBytes > this.#windowBytes) expect(this.#unfed.length, 'I4: one oversize frame alone').toBe(1);
    // O2, O3
    const out = this.#out;
    expect(out.acked, 'O3: acks never go back').toBeGreaterThanOrEqual(this.#ackedBefore);
    expect(out.acked, 'O3').toBeLessThanOrEqual(out.next);
    this.#ackedBefore = out.acked;
    if (out.stopped) return expect(out.heldBytes, 'a stopped channel holds nothing').toBe(0);
    expect(out.acked, 'what is acked was accepted').toBeLessThanOrEqual(this.#in.expected);
    const unacked = this.#tuples.slice(out.acked, out.next).reduce((sum, bytes) => sum + bytes.length, 0);
    expect(out.heldBytes, 'O2').toBeGreaterThanOrEqual(unacked);
    if (this.#restarts > 0) return;
    expect(out.heldBytes, 'what is held keeps to its limit').toBeLessThan(this.#maxHeldBytes + this.#largestFrameBytes);
  }
}
