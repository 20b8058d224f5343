/**
 * What a task says to its operator, on descriptor 3 (docs/control-protocol.md): lines of ASCII, two of them followed by bytes.
 */
import { RainstormError } from '../base/errors.ts';

const NEWLINE = 0x0a;

/** The longest line there is has some fifty characters. */
const MAX_LINE_BYTES = 256;

/** As the system has it (PATH_MAX). */
const MAX_PATH_BYTES = 4096;

export interface Checkpoint {
  readonly id: number;
  /** The state is wanted as it is after so many bytes of stdin. */
  readonly offset: number;
}

/** Where input goes on in a file. */
export interface InputRange {
  /** The input before it, in bytes. */
  readonly at: number;
  readonly offset: number;
  /** In the file. */
  readonly bytes: number;
  /** A newline is to be taken for read behind it. */
  readonly newline: boolean;
  readonly path: string;
}

/** Bytes that follow a line, until there are enough of them. */
interface Expected {
  readonly bytes: Buffer;
  filled: number;
  readonly complete: (bytes: Buffer) => void;
}

export class ControlParser {
  #line = Buffer.alloc(0);
  /** What is on its way behind a line. */
  #expected: Expected | undefined;
  readonly #ranges: InputRange[] = [];
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
    return this.#line.length > 0 || this.#expected !== undefined;
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

  /** The oldest range that was not taken yet. */
  get range(): InputRange | undefined {
    return this.#ranges[0];
  }

  takeRange(): void {
    this.#ranges.shift();
  }

  /** The checkpoint that is wanted is being answered. */
  markAnswered(): void {
    this.#answered = this.#underWay !== undefined;
  }

  /** Reads on, whatever the pieces are. Throws PROTOCOL. */
  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) rest = this.#expected === undefined ? this.#readLine(rest) : this.#readBytes(this.#expected, rest);
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

  #readBytes(expected: Expected, bytes: Buffer): Buffer {
    const length = bytes.copy(expected.bytes, expected.filled);
    expected.filled += length;
    if (expected.filled === expected.bytes.length) this.#complete(expected);
    return bytes.subarray(length);
  }

  #complete({ bytes, complete }: Expected): void {
    this.#expected = undefined;
    complete(bytes);
  }

  #begin(state: Buffer | undefined): void {
    this.#restored = state;
    this.#begun = true;
  }

  #understand(line: Buffer): void {
    const [word, ...numbers] = line.toString('latin1').split(' ');
    const [first, second, ...others] = numbers.map((text) => readNumber(text, line));
    const form = `${word} ${numbers.length}`;
    if (!this.#begun) {
      if (form === 'fresh 0') this.#begin(undefined);
      else if (form === 'restore 1') this.#expect(first as number, (state) => this.#begin(state));
      else throw badMessage(line, 'the first is fresh or restore');
    } else if (form === 'checkpoint 2') this.#want({ id: first as number, offset: second as number }, line);
    else if (form === 'range 5') this.#addRange([first as number, second as number, ...others], line);
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

  #addRange([at = 0, offset = 0, bytes = 0, newline = 0, pathBytes = 0]: readonly number[], line: Buffer): void {
    if (pathBytes === 0 || pathBytes > MAX_PATH_BYTES || newline > 1) throw badMessage(line, 'there is no such range');
    this.#expect(pathBytes, (path) => this.#ranges.push({ at, offset, bytes, newline: newline === 1, path: path.toString() }));
  }

  #expect(bytes: number, complete: (bytes: Buffer) => void): void {
    const expected = { bytes: Buffer.allocUnsafeSlow(bytes), filled: 0, complete };
    this.#expected = expected;
    if (bytes === 0) this.#complete(expected);
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
