import { keyField } from './keys.ts';
import type { Output } from '../../src/kit/output.ts';

/** How much is put out before it is written. */
const PIECE_BYTES = 64 * 1024;

/** One row for each key, in byte order of the keys: the key, a comma and what `rest` says of its value. */
export function* rowsByKey<V>(values: ReadonlyMap<string, V>, rest: (value: V) => string, output: Output): Generator<void, void, undefined> {
  // Sorted by UTF-16 unit, which in these strings is the byte.
  for (const key of [...values.keys()].sort()) {
    const value = values.get(key);
    if (value !== undefined) output.latin1(`${keyField(key)},${rest(value)}\n`);
    if (output.length >= PIECE_BYTES) yield;
  }
}
