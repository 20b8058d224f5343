/** Operators whose author handles one tuple at a time: as bytes, as a line of text, or as the fields of a CSV record. */
import type { Block } from '../job/block.ts';
import { fieldsOf, recordEnd } from '../job/csv-field.ts';
import { isAscii } from 'node:buffer';
import { decodeText } from './escaped-text.ts';
import type { Output } from './output.ts';

/** Handles the tuples of one block. */
type TakeBlock = (block: Block, output: Output) => void;

/** `handle` is given each tuple without its newline, as a view that is valid during the call only. */
export function eachTuple(handle: (tuple: Buffer, output: Output) => unknown): TakeBlock {
  return eachSpan((block, start, end, output) => handle(block.bytes.subarray(start, end), output));
}

/** `handle` is given each tuple without its newline, as text. */
export function eachLine(handle: (text: string, output: Output) => unknown): TakeBlock {
  const text = new BlockText();
  return eachSpan((block, start, end, output) => handle(text.read(block, start, end), output));
}

/** `handle` is given the values of each tuple's fields. */
export function eachRecord(handle: (fields: string[], output: Output) => unknown): TakeBlock {
  const text = new BlockText();
  return eachSpan((block, start, end, output) => {
    const record = text.read(block, start, recordEnd(block.bytes, start, end + 1));
    const fields = record.includes('"') ? fieldsOf(block.bytes, start, end + 1).map((field) => decodeText(field)) : record.split(',');
    return handle(fields, output);
  });
}

function eachSpan(handle: (block: Block, start: number, end: number, output: Output) => unknown): TakeBlock {
  return (block, output) => {
    let start = 0;
    for (let i = 0; i < block.count; i++) {
      const end = block.ends[i] ?? 0;
      requireNoPromise(handle(block, start, end - 1, output));
      start = end;
    }
  };
}

/** What an `async` function puts out later would be in no order, and in no checkpoint. */
export function requireNoPromise(result: unknown): void {
  if (result instanceof Promise) throw new TypeError('the functions of an operator must not be async: what they do has to be done when they return');
}

/** Reads tuples as strings of their own. A piece of the whole block's text would keep that in memory for as long as it lives. */
class BlockText {
  #block: Block | undefined;
  #ascii = false;

  read(block: Block, start: number, end: number): string {
    if (block !== this.#block) {
      this.#block = block;
      this.#ascii = isAscii(block.bytes);
    }
    return this.#ascii ? block.bytes.toString('latin1', start, end) : decodeText(block.bytes, start, end);
  }
}
