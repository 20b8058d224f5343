/**
 * Connections between simulated processes, behind as much of a socket as a `Connection` uses. Bytes arrive in order, in pieces
 * cut anywhere, some time after they were written; what was under way when a connection is lost arrives in part, or not.
 */
import { EventEmitter } from 'node:events';
import { FRAME_HEADER_BYTES } from '../../src/wire/frame.ts';
import type { Faults } from './faults.ts';
import type { SimProcess } from './sim-process.ts';

/** Where a header says how long what follows is. */
const LENGTH_OFFSET = 20;

/** So often a connection that is held up is passed over, at most. */
const MAX_STALL_TURNS = 120;

export class SimSocket extends EventEmitter {
  readonly #process: SimProcess;
  readonly #faults: Faults;
  #peer: SimSocket | undefined;
  #incoming = Buffer.alloc(0);
  #planned = false;
  #open = true;
  /** Nothing more comes from the other side. */
  #cutOff = false;
  #stalledTurns = 0;
  /** Bytes until the end of the frame that arrives. */
  #frameRest = 0;
  #headerRest = Buffer.alloc(0);

  private constructor(process: SimProcess, faults: Faults) {
    super();
    this.#process = process;
    this.#faults = faults;
    process.whenDead(() => this.destroy());
  }

  static pair(one: SimProcess, other: SimProcess, faults: Faults): [SimSocket, SimSocket] {
    const [a, b] = [new SimSocket(one, faults), new SimSocket(other, faults)];
    a.#peer = b;
    b.#peer = a;
    return [a, b];
  }

  get open(): boolean {
    return this.#open;
  }

  setNoDelay(): void {
    // There is none.
  }

  resume(): void {
    this.#plan();
  }

  cork(): void {
    // Every piece is cut anywhere as it is.
  }

  uncork(): void {
    // As above.
  }

  write(bytes: Buffer): boolean {
    if (this.#open) this.#peer?.receive(bytes);
    return true;
  }

  /** What it has written may or may not arrive. */
  destroy(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#incoming = Buffer.alloc(0);
    this.#peer?.lose();
  }

  /** Both ends learn of it, each in its time; meanwhile they hear what had come so far. */
  cut(): void {
    this.lose();
    this.#peer?.lose();
  }

  stall(): void {
    this.#stalledTurns = 1 + this.#process.random.below(MAX_STALL_TURNS);
  }

  receive(bytes: Buffer): void {
    if (!this.#open || this.#cutOff) return;
    this.#incoming = Buffer.concat([this.#incoming, bytes]);
    this.#plan();
  }

  lose(): void {
    if (!this.#open || this.#cutOff) return;
    this.#cutOff = true;
    const { random } = this.#process;
    if (random.below(2) === 0) this.#incoming = this.#incoming.subarray(0, random.below(this.#incoming.length + 1));
    this.#plan();
  }

  #plan(): void {
    if (this.#planned || !this.#open || this.listenerCount('data') === 0) return;
    if (this.#incoming.length === 0 && !this.#cutOff) return;
    this.#planned = true;
    this.#process.later(() => {
      this.#planned = false;
      if (this.#stalledTurns > 0) this.#stalledTurns -= 1;
      else this.#deliver();
      this.#plan();
    });
  }

  #deliver(): void {
    if (!this.#open) return;
    if (this.#incoming.length === 0) return this.#close();
    const { random } = this.#process;
    const length = random.below(3) === 0 ? 1 + random.below(this.#incoming.length) : this.#incoming.length;
    const piece = Buffer.from(this.#incoming.subarray(0, length));
    this.#incoming = this.#incoming.subarray(length);
    this.#follow(piece);
    this.emit('data', piece);
  }

  #close(): void {
    if (!this.#cutOff) return;
    if (this.#frameRest > 0 || this.#headerRest.length > 0) this.#faults.count('halfFrames');
    this.#open = false;
    this.#peer?.lose();
    this.emit('close');
  }

  /** Notes whether it ends between two frames. */
  #follow(piece: Buffer): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#frameRest > 0) {
        const taken = Math.min(this.#frameRest, piece.length - at);
        this.#frameRest -= taken;
        at += taken;
      } else {
        const taken = Math.min(FRAME_HEADER_BYTES - this.#headerRest.length, piece.length - at);
        this.#headerRest = Buffer.concat([this.#headerRest, piece.subarray(at, at + taken)]);
        at += taken;
        if (this.#headerRest.length < FRAME_HEADER_BYTES) return;
        this.#frameRest = this.#headerRest.readUInt32LE(LENGTH_OFFSET);
        this.#headerRest = Buffer.alloc(0);
      }
    }
  }
}
