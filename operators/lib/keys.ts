import { invariant } from '../../src/base/errors.ts';
import type { Block } from '../../src/job/block.ts';
import { fieldSpan, fieldValue, locateField } from '../../src/job/csv-field.ts';
import { parseKeyArgument } from '../../src/job/operator-arguments.ts';
import type { KeySpec } from '../../src/job/stage-spec.ts';

/** What tuples are grouped by: a CSV column, numbered from 1, or the tuple without its newline. */
export type NumberedKey = Exclude<KeySpec, { kind: 'header' }>;

/** Reads the key of an operator; without an argument it is the first column. Throws OPERATOR_ARGUMENT. */
export function readKey(argument = '1'): NumberedKey {
  const key = parseKeyArgument(argument);
  invariant(key.kind !== 'header', 'names have become numbers before an operator is made');
  return key;
}

/**
 * Reads keys as strings in which a character stands for one byte, so that keys which are not UTF-8 stay different from each
 * other, and sorting strings sorts bytes. A column's key is its value without quotes.
 */
export class KeyReader {
  readonly #key: NumberedKey;
  readonly #span = fieldSpan();
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';

  constructor(key: NumberedKey) {
    this.#key = key;
  }

  load(block: Block): void {
    this.#bytes = block.bytes;
    this.#text = block.bytes.toString('latin1');
  }

  /** The bytes `start` to `end` of the block loaded last, where a key stands as it is. To be kept, it goes through `detach`. */
  slice(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  /** The key of the tuple `bytes[start..end)`, newline included, of the block loaded last. To be kept, it goes through `detach`. */
  read(start: number, end: number): string {
    if (this.#key.kind === 'line') return this.#text.slice(start, end - 1);
    const span = this.#span;
    locateField(this.#bytes, start, end, this.#key.column, span);
    return span.escaped ? fieldValue(this.#bytes, span).toString('latin1') : this.#text.slice(span.start, span.end);
  }
}

/** A copy of a key. A slice of a block's text keeps the whole text in memory for as long as it lives. */
export function detach(key: string): string {
  return Buffer.from(key, 'latin1').toString('latin1');
}

/** A key as a CSV field, by csv-stringify's default rules. */
export function keyField(key: string): string {
  return /[",\n\r]/.test(key) ? `"${key.replaceAll('"', '""')}"` : key;
}
