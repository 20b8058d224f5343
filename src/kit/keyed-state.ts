import type { KeyedEntries } from './block-operator.ts';
import { decodeText, encodeText } from './escaped-text.ts';
import type { ValueCodec } from './value-codec.ts';

/** V8 copies shorter pieces of a string; a longer one keeps the whole string in memory for as long as it lives. */
const MIN_SLICE_LENGTH = 13;

/** What an operator remembers of each key: a `Map`, whose order survives a checkpoint as everything else in it. */
export class KeyedState<Value> extends Map<string, Value> {
  /** Throws TypeError for a key that is no string. */
  override set(key: string, value: Value): this {
    if (typeof key !== 'string') throw new TypeError(`a key of the state is of type ${typeof key}: keys are strings`);
    return super.set(key.length < MIN_SLICE_LENGTH || this.has(key) ? key : detach(key), value);
  }
}

/** How such a state is written and read. A key is stored as the bytes that its text stands for. */
export function entriesOf<Value>(state: KeyedState<Value>, codec: ValueCodec<Value>): KeyedEntries {
  return {
    write(writer, entry) {
      for (const [key, value] of state) entry(encodeText(key).toString('latin1'), () => writer.raw(codec.toBytes(value)));
    },
    read: (key, value) => state.set(decodeText(Buffer.from(key, 'latin1')), codec.fromBytes(value.rest())),
  };
}

/** A copy that shares no memory with the text which the key was cut out of. */
function detach(key: string): string {
  return Buffer.from(key, 'utf16le').toString('utf16le');
}
