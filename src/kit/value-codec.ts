import { deserialize, serialize } from 'node:v8';
import { decodeText, encodeText } from './escaped-text.ts';

/** How the values of a keyed state become bytes and come back the same. */
export interface ValueCodec<Value> {
  toBytes(value: Value): Uint8Array;
  /** `bytes` is valid during the call only. */
  fromBytes(bytes: Buffer): Value;
}

const NUMBER = 0;
const TEXT = 1;
/** Anything else, as V8 writes it; a later Node reads what an earlier one wrote. */
const CLONE = 2;

const NUMBER_BYTES = 9;

/**
 * Numbers and strings, the usual values, in a short form; booleans, bigints, null, undefined, arrays, plain objects, Map, Set,
 * Date and byte arrays as structured cloning has them. Throws TypeError for anything else, which would come back as something
 * else: an instance of a class is given a codec of its own.
 */
export const ANY_VALUE: ValueCodec<unknown> = {
  toBytes(value) {
    if (typeof value === 'number') {
      const bytes = Buffer.allocUnsafe(NUMBER_BYTES);
      bytes[0] = NUMBER;
      bytes.writeDoubleLE(value, 1);
      return bytes;
    }
    if (typeof value === 'string') return Buffer.concat([Buffer.of(TEXT), encodeText(value)]);
    requireCloneable(value);
    return Buffer.concat([Buffer.of(CLONE), serialize(value)]);
  },
  fromBytes(bytes) {
    if (bytes[0] === NUMBER) return bytes.readDoubleLE(1);
    return bytes[0] === TEXT ? decodeText(bytes, 1) : (deserialize(Buffer.from(bytes.subarray(1))) as unknown);
  },
};

const CLONEABLE: ReadonlySet<unknown> = new Set([Object, Array, Map, Set, Date, Uint8Array, Buffer]);

/** Looks at the value itself and not into it; a function or symbol inside is refused by V8. */
function requireCloneable(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  const prototype: unknown = Object.getPrototypeOf(value);
  const constructor = typeof prototype === 'object' && prototype !== null ? prototype.constructor : Object;
  if (!CLONEABLE.has(constructor)) {
    throw new TypeError(`the state has an instance of ${constructor.name}, which would come back as a plain object: give the operator "values", which writes and reads it`);
  }
}
