/**
 * The task's side of the control protocol: how an operator is given its state and asked for it. Operator and task speak in
 * lines of ASCII over two pipes of their own; some lines are followed by as many raw bytes as they say.
 *
 *     operator: rainstorm-operator 1                       first of all
 *     task:     fresh                                      first of all, or
 *               restore BYTES, and a state
 *     task:     checkpoint ID OFFSET                       any time
 *     operator: state ID OUTPUT-BYTES BYTES, and a state   when it has processed OFFSET bytes of its stdin, and printed all
 *     task:     continue ID                                before which the operator prints nothing more
 *
 *     operator: rainstorm-operator 1 ranges                instead of the first, where it reads files itself
 *     task:     range AT OFFSET LENGTH NEWLINE BYTES, and a path
 *     operator: read BYTES                                 when it has handled so much of its input
 *
 * P1 One checkpoint is under way at a time, and IDs grow.
 * P2 An operator that does not speak is an ordinary one: nothing is asked of it.
 * P3 What it says is read within limits, and what makes no sense fails the job: OPERATOR_FAILED.
 * P4 Who has said that it reads files is told where its input goes on: behind AT bytes of it, as LENGTH bytes at OFFSET of a file.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import type { FilePiece } from '../job/file-range.ts';

/** The version of the protocol, as the environment names it to an operator. */
export const CONTROL_VERSION = '1';

/** What an operator answered. */
export interface StateAnswer {
  /** What it had printed when it took the state, in bytes since it started. */
  readonly outputBytes: number;
  readonly state: Buffer;
}

export interface ControlEvents {
  /** It speaks the protocol: from now on it may be asked. */
  hello(): void;
  state(answer: StateAnswer): void;
  /** It has handled so much of its input since it started, in bytes. */
  handled(bytes: number): void;
}

/** Numbers and a word: whoever writes more without a newline does not speak the protocol. */
const MAX_LINE_BYTES = 256;

/** It is held in memory while it is handed out, and must fit into one record of a journal. */
const MAX_STATE_BYTES = 1024 * 1024 * 1024;

const HELLO = `rainstorm-operator ${CONTROL_VERSION}`;
/** It reads files itself. */
const HELLO_RANGES = `${HELLO} ranges`;
const NEWLINE = 0x0a;

export class ControlChannel {
  readonly #write: (bytes: Buffer) => void;
  readonly #events: ControlEvents;
  readonly #where: string;
  #greeted = false;
  #readsFiles = false;
  #lastId = 0;
  /** The checkpoint that was asked for and has not been answered. */
  #asked: number | undefined;
  /** Answered, and the operator waits to be let on. */
  #answered: number | undefined;
  #line: Buffer = Buffer.alloc(0);
  #receiving: { readonly outputBytes: number; readonly bytes: number; got: number; readonly parts: Buffer[] } | undefined;

  /** `where`: whose operator it is, for messages. */
  constructor(write: (bytes: Buffer) => void, events: ControlEvents, where: string) {
    this.#write = write;
    this.#events = events;
    this.#where = where;
  }

  /** P1, P2 */
  get canAsk(): boolean {
    return this.#greeted && this.#asked === undefined && this.#answered === undefined;
  }

  /** `state`: what an earlier process handed out; undefined to begin from nothing. */
  open(state: Buffer | undefined): void {
    if (state === undefined) return this.#write(Buffer.from('fresh\n'));
    this.#write(Buffer.from(`restore ${state.length}\n`));
    this.#write(state);
  }

  /** Asks for the state behind the first `offset` bytes of its stdin. */
  ask(offset: number): void {
    invariant(this.canAsk, 'P1: one checkpoint under way, of an operator that speaks');
    this.#lastId += 1;
    this.#asked = this.#lastId;
    this.#write(Buffer.from(`checkpoint ${this.#lastId} ${offset}\n`));
  }

  /** P4: tells it where to read on behind the first `atBytes` of its input; gives false where it has not said that it does that. */
  tellRange({ from, offsetBytes, bytes, newline }: FilePiece, atBytes: number): boolean {
    if (!this.#readsFiles) return false;
    const path = Buffer.from(from.path);
    this.#write(Buffer.concat([Buffer.from(`range ${atBytes} ${offsetBytes} ${bytes} ${newline ? 1 : 0} ${path.length}\n`), path]));
    return true;
  }

  /** Lets the operator go on that has answered. */
  goOn(): void {
    invariant(this.#answered !== undefined, 'P1: it waits after an answer');
    this.#write(Buffer.from(`continue ${this.#answered}\n`));
    this.#answered = undefined;
  }

  /** Takes what the operator wrote. Throws OPERATOR_FAILED (P3). */
  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) at = this.#receiving === undefined ? this.#takeLine(chunk, at) : this.#takeState(chunk, at);
  }

  #takeLine(chunk: Buffer, at: number): number {
    const newline = chunk.indexOf(NEWLINE, at);
    const end = newline === -1 ? chunk.length : newline;
    const line = Buffer.concat([this.#line, chunk.subarray(at, Math.min(end, at + MAX_LINE_BYTES + 1))]);
    if (line.length > MAX_LINE_BYTES) throw this.#nonsense(line);
    if (newline === -1) {
      this.#line = line;
      return chunk.length;
    }
    this.#line = Buffer.alloc(0);
    this.#understand(line);
    return newline + 1;
  }

  #understand(line: Buffer): void {
    const text = line.toString('latin1');
    if (!this.#greeted) {
      if (text !== HELLO && text !== HELLO_RANGES) throw this.#nonsense(line);
      this.#greeted = true;
      this.#readsFiles = text === HELLO_RANGES;
      return this.#events.hello();
    }
    const [, handledBytes] = /^read (\d{1,15})$/.exec(text) ?? [];
    if (handledBytes !== undefined && this.#readsFiles) return this.#events.handled(Number(handledBytes));
    const [, id, outputBytes, bytes] = /^state (\d{1,15}) (\d{1,15}) (\d{1,15})$/.exec(text) ?? [];
    if (id === undefined || Number(id) !== this.#asked) throw this.#nonsense(line);
    if (Number(bytes) > MAX_STATE_BYTES) throw this.#failed(`hands out a state of ${bytes} bytes; at most ${MAX_STATE_BYTES} are taken`);
    this.#receiving = { outputBytes: Number(outputBytes), bytes: Number(bytes), got: 0, parts: [] };
    this.#tellIfWhole();
  }

  #takeState(chunk: Buffer, at: number): number {
    const receiving = this.#receiving;
    if (receiving === undefined) return at;
    const part = chunk.subarray(at, at + receiving.bytes - receiving.got);
    receiving.parts.push(part);
    receiving.got += part.length;
    this.#tellIfWhole();
    return at + part.length;
  }

  #tellIfWhole(): void {
    const receiving = this.#receiving;
    if (receiving === undefined || receiving.got < receiving.bytes) return;
    this.#receiving = undefined;
    this.#answered = this.#asked;
    this.#asked = undefined;
    this.#events.state({ outputBytes: receiving.outputBytes, state: Buffer.concat(receiving.parts) });
  }

  #nonsense(line: Buffer): RainstormError {
    return this.#failed(`says something on its control pipe that makes no sense: ${JSON.stringify(line.toString('latin1').slice(0, 60))}`);
  }

  #failed(what: string): RainstormError {
    return new RainstormError('OPERATOR_FAILED', `${this.#where}: the operator ${what}`, {
      hint: 'Under the contract snapshot descriptor 4 belongs to the control protocol. Declare another contract for a program that does not speak it.',
    });
  }
}
