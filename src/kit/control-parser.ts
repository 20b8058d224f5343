/**
 * What a task says to its operator, on descriptor 3 (docs/control-protocol.md): lines of ASCII, one of them followed by bytes.
 */
import { RainstormError } from '../base/errors.ts';

const NEWLINE = 0x0a;

/** The longest line there is has some fifty characters. */
const MAX_LINE_BYTES = 256;

export interface Checkpoint {
  readonly id: number;
  /** The state is wanted as it is after so many bytes of stdin. */
  readonly offset: number;
}

export class ControlParser {
  #line = Buffer.alloc(0);
  /** The state that is on its way. */
  #state: Buffer | undefined;
  #stateBytes = 0;
  #begun = false;
  #restored: Buffer | undefined;
  /** The one checkpoint under way, from the task's wish to its `continue`. */
  #underWay: Checkpoint | undefined;
  #answered = false;

  /** The task has said where to begin. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Something was begun and is not complete. */
  get unfinished(): boolean {
    return this.#line.length > 0 || this.#state !== undefined;
  }

  /** The checkpoint that is wanted and was not answered yet. */
  get wanted(): Checkpoint | undefined {
    return this.#answered ? undefined : this.#underWay;
  }

  /** A checkpoint was answered, and the task has not said that the operator may go on. */
  get held(): boolean {
    return this.#answered;
  }

  /** The state to begin with, once; undefined for a fresh start. */
  takeState(): Buffer | undefined {
    const state = this.#restored;
    this.#restored = undefined;
    return state;
  }

  /** The checkpoint that is wanted is being answered. */
  markAnswered(): void {
    this.#answered = this.#underWay !== undefined;
  }

  /** Reads on, whatever the pieces are. Throws PROTOCOL. */
  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.#state === undefined ? this.#readLine(rest) : this.#readState(this.#state, rest);
  }

  #readLine(bytes: Buffer): Buffer {
    const newline = bytes.indexOf(NEWLINE);
    const end = newline === -1 ? bytes.length : newline;
    this.#line = Buffer.concat([this.#line, bytes.subarray(0, end)]);
    if (this.#line.length > MAX_LINE_BYTES) throw badMessage(this.#line.subarray(0, MAX_LINE_BYTES), 'it is too long');
    if (newline === -1) return bytes.subarray(end);
    const line = this.#line;
    this.#line = Buffer.alloc(0);
    this.#understand(line);
    return bytes.subarray(newline + 1);
  }

  #readState(state: Buffer, bytes: Buffer): Buffer {
    const length = bytes.copy(state, this.#stateBytes);
    this.#stateBytes += length;
    if (this.#stateBytes === state.length) this.#begin(state);
    return bytes.subarray(length);
  }

  #begin(state: Buffer | undefined): void {
    this.#restored = state;
    this.#state = undefined;
    this.#begun = true;
  }

  #understand(line: Buffer): void {
    const [word, ...numbers] = line.toString('latin1').split(' ');
    const [first, second] = numbers.map((text) => readNumber(text, line));
    const form = `${word} ${numbers.length}`;
    if (!this.#begun) {
      if (form === 'fresh 0') this.#begin(undefined);
      else if (form === 'restore 1') this.#expectState(first as number);
      else throw badMessage(line, 'the first is fresh or restore');
    } else if (form === 'checkpoint 2') this.#want({ id: first as number, offset: second as number }, line);
    else if (form === 'continue 1') this.#goOn(first as number, line);
    else throw badMessage(line, 'there is none of this form');
  }

  #want(checkpoint: Checkpoint, line: Buffer): void {
    if (this.#underWay !== undefined) throw badMessage(line, `checkpoint ${this.#underWay.id} is still under way`);
    this.#underWay = checkpoint;
  }

  #goOn(id: number, line: Buffer): void {
    if (!this.#answered || this.#underWay?.id !== id) throw badMessage(line, 'no state of that number was given');
    this.#underWay = undefined;
    this.#answered = false;
  }

  #expectState(bytes: number): void {
    this.#state = Buffer.allocUnsafeSlow(bytes);
    this.#stateBytes = 0;
    if (bytes === 0) this.#begin(this.#state);
  }
}

function readNumber(text: string, line: Buffer): number {
  const value = /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) throw badMessage(line, `"${text}" is no number`);
  return value;
}

function badMessage(line: Buffer, why: string): RainstormError {
  return new RainstormError('PROTOCOL', `descriptor 3 says ${JSON.stringify(line.toString('latin1'))}: ${why}`, {
    hint: 'RAINSTORM_CONTROL is set by a task alone, which speaks on descriptors 3 and 4.',
  });
}
