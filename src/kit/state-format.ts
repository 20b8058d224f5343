/**
 * The keyed state format (docs/operators.md): what every operator of the kit hands out at a checkpoint.
 *
 *     8 bytes   "RSKEYED1"
 *     u32       length of the shared part
 *     …         the shared part: what belongs to no key
 *     then, for each key, in the operator's own order, up to the end:
 *     u32, …    length of the key, the key
 *     u32, …    length of the value, the value
 *
 * Numbers are little-endian. The system can so divide a state by key without knowing what it means.
 */
import { RainstormError } from '../base/errors.ts';
import type { KeyedEntries } from './block-operator.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

export const STATE_MAGIC = 'RSKEYED1';

/** `writeShared` writes the shared part to the writer that it is given. */
export function writeState(writeShared: (writer: ByteWriter) => void, keyed: KeyedEntries | undefined): Buffer {
  const writer = new ByteWriter();
  writer.raw(Buffer.from(STATE_MAGIC, 'latin1'));
  writer.measured(() => writeShared(writer));
  keyed?.write(writer, (key, writeValue) => {
    writer.latin1(key);
    writer.measured(writeValue);
  });
  return writer.finish();
}

/** Reads a state back, the shared part first. Throws PROTOCOL for bytes that are no such state. */
export function readState(bytes: Buffer, readShared: (reader: ByteReader) => void, keyed: KeyedEntries | undefined): void {
  if (bytes.toString('latin1', 0, STATE_MAGIC.length) !== STATE_MAGIC) throw foreignState('it does not begin as one');
  const reader = new ByteReader(bytes.subarray(STATE_MAGIC.length));
  const shared = new ByteReader(reader.bytes());
  readShared(shared);
  if (!shared.atEnd) throw foreignState('its shared part is too long');
  while (!reader.atEnd) {
    if (keyed === undefined) throw foreignState('it has keys');
    const key = reader.latin1();
    const value = new ByteReader(reader.bytes());
    keyed.read(key, value);
    if (!value.atEnd) throw foreignState('a value is too long');
  }
}

function foreignState(why: string): RainstormError {
  return new RainstormError('PROTOCOL', `the state to begin with is not one that this operator gave: ${why}`, {
    hint: 'An operator must not be changed while a job with it can still be recovered.',
  });
}
