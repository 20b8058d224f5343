/**
 * What an operator begins with that takes the place of others: of their states in the keyed format (state-format.ts), the entries
 * of the keys that are its own. What belongs to no key must be the same in all of them.
 */
import { RainstormError } from '../base/errors.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { STATE_MAGIC } from './state-format.ts';

/** The shared part begins with the number of the next line, which is for messages, and the bytes of a tuple that is not complete. */
const LINE_BYTES = 8;

const MAGIC = Buffer.from(STATE_MAGIC, 'latin1');

/** Whether a key is among those that are the operator's own: the bytes from `start` to before `end`. */
export type IsOwnKey = (bytes: Buffer, start: number, end: number) => boolean;

const LENGTH_BYTES = 4;

/** `states`: at least one. The order of the entries is kept, that of one state before that of the next. Throws NOT_SCALABLE. */
export function divideState(states: readonly Buffer[], isOwn: IsOwnKey): Buffer {
  const writer = new ByteWriter();
  writer.raw(MAGIC);
  const readers = states.map(readerOf);
  writer.bytes(sharedOf(readers.map((reader) => reader.bytes())));
  for (const reader of readers) writeOwn(writer, reader.rest(), isOwn);
  return writer.finish();
}

/** Entries may be a million, and whoever waits for this stands still: none of them is an object. */
function writeOwn(writer: ByteWriter, entries: Buffer, isOwn: IsOwnKey): void {
  let ownFrom = 0;
  for (let at = 0; at < entries.length; ) {
    const key = at + LENGTH_BYTES;
    const keyEnd = behind(entries, at);
    const next = behind(entries, keyEnd);
    if (!isOwn(entries, key, keyEnd)) {
      writer.raw(entries.subarray(ownFrom, at));
      ownFrom = next;
    }
    at = next;
  }
  writer.raw(entries.subarray(ownFrom));
}

/** The offset behind what stands behind its length at `at`. */
function behind(entries: Buffer, at: number): number {
  const end = at + LENGTH_BYTES + (at + LENGTH_BYTES <= entries.length ? entries.readUInt32LE(at) : 0);
  if (end > entries.length) throw indivisible('it ends in the middle of an entry');
  return end;
}

/** The same for operators in one process, whose state is theirs, one behind the other (stream-chain.ts). */
export function divideChain(states: readonly Buffer[], operators: number, isOwn: IsOwnKey): Buffer {
  const readers = states.map((state) => new ByteReader(state));
  const writer = new ByteWriter();
  for (let operator = 0; operator < operators; operator++) writer.bytes(divideState(readers.map((reader) => reader.bytes()), isOwn));
  return writer.finish();
}

function readerOf(state: Buffer): ByteReader {
  if (!state.subarray(0, MAGIC.length).equals(MAGIC)) throw indivisible('it is in a format of the program\'s own');
  return new ByteReader(state.subarray(MAGIC.length));
}

function sharedOf(parts: readonly Buffer[]): Buffer {
  const [first = Buffer.alloc(0)] = parts;
  const common = first.subarray(LINE_BYTES);
  if (common.length >= 4 && common.readUInt32LE(0) > 0) throw indivisible('it holds the beginning of a tuple');
  if (parts.some((part) => !part.subarray(LINE_BYTES).equals(common))) throw indivisible('what belongs to no key is not the same in all its tasks');
  return first;
}

function indivisible(why: string): RainstormError {
  return new RainstormError('NOT_SCALABLE', `the state of a program cannot be divided among another number of tasks: ${why}`, {
    hint: 'docs/operators.md says how a state is written that can be divided by key.',
  });
}
