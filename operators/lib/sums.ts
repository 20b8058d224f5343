import { RainstormError } from '../../src/base/errors.ts';
import type { Block } from '../../src/job/block.ts';
import { fieldSpan, fieldValue, locateField } from '../../src/job/csv-field.ts';
import { type ColumnChoice, canTakeColumns, chooseColumns } from '../../src/job/kernel/column-choice.ts';
import { type Kernel, kernelFor } from '../../src/job/kernel/kernel.ts';
import { MIN_LOCATE_BYTES, NOWHERE, locatePiece } from '../../src/job/kernel/locate-piece.ts';
import { startOf } from '../../src/job/kernel/piece.ts';
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
  const sums = new Sums(keyColumn, valueColumn);
  const { totals } = sums;
  return {
    take: (block, _, line) => sums.take(block, line),
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

class Sums {
  readonly totals = new Map<string, Totals>();
  readonly #keys: KeyReader;
  readonly #valueColumn: number;
  readonly #choice: ColumnChoice;
  readonly #span = fieldSpan();
  readonly #short = { units: 0, scale: 0 };

  constructor(keyColumn: number, valueColumn: number) {
    this.#keys = new KeyReader({ kind: 'column', column: keyColumn });
    this.#valueColumn = valueColumn;
    this.#choice = chooseColumns([keyColumn, valueColumn]);
  }

  /** `line`: on which the block begins. */
  take(block: Block, line: number): void {
    this.#keys.load(block);
    const kernel = kernelFor(block.bytes.length, MIN_LOCATE_BYTES);
    if (kernel === undefined || !canTakeColumns(kernel, this.#choice)) {
      for (let i = 0; i < block.count; i++) this.#add(block, i, line);
    } else {
      this.#takeByKernel(kernel, block, line);
    }
  }

  #takeByKernel(kernel: Kernel, block: Block, line: number): void {
    for (let first = 0; first < block.count; ) {
      const { next, spans } = locatePiece(kernel, block, first, this.#choice);
      for (let i = first; i < next; i++) {
        if (!this.#addLocated(block, spans, (i - first) * 4)) this.#add(block, i, line);
      }
      // A tuple that is longer than what the kernel takes is looked at alone.
      if (next === first) this.#add(block, first, line);
      first = Math.max(next, first + 1);
    }
  }

  /** Adds the value of a tuple whose key and value stand where `spans` says from `at` on; false where they are not that simple. */
  #addLocated({ bytes }: Block, spans: Uint32Array, at: number): boolean {
    const keyStart = spans[at] as number;
    const valueStart = spans[at + 2] as number;
    if (keyStart === NOWHERE || valueStart === NOWHERE) return false;
    if (!readShortDecimal(bytes, valueStart, spans[at + 3] as number, this.#short)) return false;
    totalsOf(this.totals, this.#keys.slice(keyStart, spans[at + 1] as number)).addShort(this.#short);
    return true;
  }

  #add(block: Block, tuple: number, line: number): void {
    const { bytes, ends } = block;
    const start = startOf(block, tuple);
    const end = ends[tuple] ?? 0;
    const span = this.#span;
    const total = totalsOf(this.totals, this.#keys.read(start, end));
    const there = locateField(bytes, start, end, this.#valueColumn, span);
    if (!span.escaped && readShortDecimal(bytes, span.start, span.end, this.#short)) {
      total.addShort(this.#short);
      return;
    }
    const value = readDecimal(fieldValue(bytes, span).toString('latin1'));
    if (typeof value === 'string') {
      const field = there ? `${JSON.stringify(shown(fieldValue(bytes, span)))} is ${value}` : 'a missing value is not a number';
      throw badValue(block, start, end, line, `${field} (column ${this.#valueColumn})`);
    }
    total.addBig(value);
  }
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
