import { RainstormError } from '../../src/base/errors.ts';
import type { Block } from '../../src/job/block.ts';
import { fieldSpan, fieldValue, locateField } from '../../src/job/csv-field.ts';
import { readDecimal, readShortDecimal } from './decimal.ts';
import { KeyReader, detach } from './keys.ts';
import { rowsByKey } from './rows-by-key.ts';
import { Totals } from './totals.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';

const NEWLINE = 0x0a;

/** How much of a tuple and of a value an error shows. */
const SHOWN_BYTES = 200;

/** What `sum` does: `key,count,sum,min,max,mean` for each key at the end of the input, keys in byte order. Columns are numbered from 1. */
export function sumByKey(keyColumn: number, valueColumn: number): BlockOperator {
  const keys = new KeyReader({ kind: 'column', column: keyColumn });
  const totals = new Map<string, Totals>();
  const span = fieldSpan();
  const short = { units: 0, scale: 0 };
  return {
    take(block, _, line) {
      keys.load(block);
      let start = 0;
      for (let i = 0; i < block.count; i++) {
        const end = block.ends[i] ?? 0;
        const total = totalsOf(totals, keys.read(start, end));
        const there = locateField(block.bytes, start, end, valueColumn, span);
        if (!span.escaped && readShortDecimal(block.bytes, span.start, span.end, short)) total.addShort(short);
        else {
          const value = readDecimal(fieldValue(block.bytes, span).toString('latin1'));
          if (typeof value === 'string') {
            const field = there ? `${JSON.stringify(shown(fieldValue(block.bytes, span)))} is ${value}` : 'a missing value is not a number';
            throw badValue(block, start, end, line, `${field} (column ${valueColumn})`);
          }
          total.addBig(value);
        }
        start = end;
      }
    },
    finish: (output) => rowsByKey(totals, (total) => total.toString(), output),
    keyed: {
      write(writer, entry) {
        for (const [key, total] of totals) entry(key, () => total.write(writer));
      },
      read(key, value) {
        const total = new Totals();
        total.read(value);
        totals.set(key, total);
      },
    },
  };
}

function totalsOf(totals: Map<string, Totals>, key: string): Totals {
  let total = totals.get(key);
  if (total === undefined) {
    total = new Totals();
    totals.set(detach(key), total);
  }
  return total;
}

function badValue(block: Block, start: number, end: number, blockLine: number, what: string): RainstormError {
  const { bytes } = block;
  let line = blockLine;
  for (let i = bytes.indexOf(NEWLINE); i !== -1 && i < start; i = bytes.indexOf(NEWLINE, i + 1)) line++;
  const tuple = shown(bytes.subarray(start, end - 1)).replaceAll(/\p{Cc}/gu, (control) => JSON.stringify(control).slice(1, -1));
  return new RainstormError('BAD_VALUE', `line ${line}: ${what}: ${tuple}`);
}

function shown(bytes: Buffer): string {
  return bytes.length <= SHOWN_BYTES ? bytes.toString() : `${bytes.toString('utf8', 0, SHOWN_BYTES)}…`;
}
