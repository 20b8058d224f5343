/** The rows `key,count` that parts of a count are handed on as. */
import { RainstormError } from '../../src/base/errors.ts';
import type { Block } from '../../src/job/block.ts';
import { fieldSpan, fieldValue, locateField } from '../../src/job/csv-field.ts';
import { startOf } from '../../src/job/kernel/piece.ts';

/** So many keys are handed on, that a part's table stays small: it fits into a processor's cache, and few rows come twice. */
export const MAX_PART_KEYS = 256 * 1024;

const COUNT = /^\d{1,15}$/;

/** Calls `use` with the key and the count of each row. Throws OPERATOR_ARGUMENT for other rows. */
export function eachCount(block: Block, use: (key: Buffer, count: number) => void): void {
  const span = fieldSpan();
  for (let tuple = 0; tuple < block.count; tuple++) {
    const start = startOf(block, tuple);
    const end = block.ends[tuple] as number;
    locateField(block.bytes, start, end, 1, span);
    const key = fieldValue(block.bytes, span);
    locateField(block.bytes, start, end, 2, span);
    const count = fieldValue(block.bytes, span).toString('latin1');
    if (!COUNT.test(count)) throw new RainstormError('OPERATOR_ARGUMENT', `"${count}" is no count`, { hint: 'Each row is a key and a count, as count-part writes them.' });
    use(key, Number(count));
  }
}
