/** An operator's side of the control protocol. What it says arrives in pieces, some time later. */
import { decodeState, encodeState } from './keyed-text.ts';
import type { SimProcess } from './sim-process.ts';

export class SimControl {
  readonly #process: SimProcess;
  readonly #send: (bytes: Buffer) => void;
  readonly #begin: (state: string) => void;
  #received = Buffer.alloc(0);
  #outgoing = Buffer.alloc(0);
  #planned = false;
  #begun = false;
  #asked: { readonly id: number; readonly offset: number } | undefined;
  /** The checkpoint that was answered, until the task lets it go on. */
  #answered: number | undefined;

  /** `begin`: takes the state that it goes on from, empty for none. */
  constructor(process: SimProcess, send: (bytes: Buffer) => void, begin: (state: string) => void) {
    this.#begin = begin;
    this.#process = process;
    this.#send = send;
    this.#say(Buffer.from('rainstorm-operator 1\n'));
  }

  /** It may neither read its stdin nor print. */
  get waits(): boolean {
    return !this.#begun || this.#answered !== undefined;
  }

  /** The byte of stdin before which a state was asked for. */
  get nextAsked(): number | undefined {
    return this.#asked?.offset;
  }

  askedAt(processedBytes: number): number | undefined {
    if (this.#asked !== undefined && processedBytes > this.#asked.offset) throw new Error(`checkpoint ${this.#asked.id} after ${this.#asked.offset} bytes came when ${processedBytes} were processed`);
    return this.#asked?.offset === processedBytes ? this.#asked.id : undefined;
  }

  handOut(id: number, outputBytes: number, state: string): void {
    this.#asked = undefined;
    this.#answered = id;
    const bytes = encodeState(state);
    this.#say(Buffer.concat([Buffer.from(`state ${id} ${outputBytes} ${bytes.length}\n`), bytes]));
  }

  receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    for (let newline = this.#received.indexOf(0x0a); newline !== -1; newline = this.#received.indexOf(0x0a)) {
      const [word, first, second] = this.#received.toString('latin1', 0, newline).split(' ');
      const stateBytes = word === 'restore' ? Number(first) : 0;
      if (this.#received.length < newline + 1 + stateBytes) return;
      const state = stateBytes === 0 ? '' : decodeState(Buffer.from(this.#received.subarray(newline + 1, newline + 1 + stateBytes)));
      this.#received = this.#received.subarray(newline + 1 + stateBytes);
      this.#understand(word ?? '', Number(first), Number(second), state);
    }
  }

  #understand(word: string, id: number, offset: number, state: string): void {
    if (word === 'fresh' || word === 'restore') {
      this.#begun = true;
      this.#begin(state);
    } else if (word === 'checkpoint') this.#asked = { id, offset };
    else if (word === 'continue' && id === this.#answered) this.#answered = undefined;
    else throw new Error(`the task said ${word} ${id}`);
  }

  #say(bytes: Buffer): void {
    this.#outgoing = Buffer.concat([this.#outgoing, bytes]);
    if (this.#planned) return;
    this.#planned = true;
    this.#process.later(() => {
      this.#planned = false;
      const piece = this.#outgoing.subarray(0, 1 + this.#process.random.below(this.#outgoing.length));
      this.#outgoing = this.#outgoing.subarray(piece.length);
      this.#send(Buffer.from(piece));
      if (this.#outgoing.length > 0) this.#say(Buffer.alloc(0));
    });
  }
}
