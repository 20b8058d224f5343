/** Counts in the kernel's memory, without a string for each tuple. */
import type { Block } from '../../src/job/block.ts';
import { fieldSpan, fieldValue, locateField, quoteField } from '../../src/job/csv-field.ts';
import type { KeyCounts } from '../../src/job/kernel/key-counts.ts';
import { startOf } from '../../src/job/kernel/piece.ts';
import type { BlockOperator, KeyedEntries } from '../../src/kit/block-operator.ts';
import type { Output } from '../../src/kit/output.ts';
import { eachCount } from './counted-rows.ts';
import type { NumberedKey } from './keys.ts';

/** What `aggregate` does. */
export function countByKernel(counts: KeyCounts, key: NumberedKey): BlockOperator {
  return {
    take(block) {
      for (let first = 0; first < block.count; ) first = countFrom(counts, key, block, first);
    },
    *finish(output) {
      for (const rows of counts.rows()) {
        if (rows instanceof Uint8Array) output.bytes(rows);
        else writeRow(rows.key, rows.count, output);
        yield;
      }
    },
    keyed: entriesOf(counts),
  };
}

/** Counts tuples from number `first` on; gives the number behind the last. */
function countFrom(counts: KeyCounts, key: NumberedKey, block: Block, first: number): number {
  const next = counts.countPiece(block, first);
  if (next > first) return next;
  // A tuple that is longer than what the kernel takes at once.
  counts.add(keyOf(block, first, key), 1);
  return first + 1;
}

/** What `count-part` does. */
export function countPartByKernel(counts: KeyCounts, key: NumberedKey): BlockOperator {
  const all = countByKernel(counts, key);
  return {
    ...all,
    take(block, output) {
      for (let first = 0; first < block.count; ) {
        first = countFrom(counts, key, block, first);
        if (!counts.full) continue;
        for (const _ of all.finish?.(output) ?? []);
        counts.clear();
      }
    },
  };
}

/** What `add-counts` does. */
export function addCountsByKernel(counts: KeyCounts): BlockOperator {
  return { ...countByKernel(counts, { kind: 'line' }), take: (block) => eachCount(block, (key, count) => counts.add(key, count)) };
}

/** What `running-aggregate` does. */
export function countRunningByKernel(counts: KeyCounts, key: NumberedKey): BlockOperator {
  return {
    take(block, output) {
      for (let first = 0; first < block.count; ) {
        const next = counts.countRunning(block, first, (rows) => output.bytes(rows));
        if (next === first) {
          const value = keyOf(block, first, key);
          writeRow(value, counts.add(value, 1), output);
        }
        first = Math.max(next, first + 1);
      }
    },
    keyed: entriesOf(counts),
  };
}

function entriesOf(counts: KeyCounts): KeyedEntries {
  return {
    write(writer, entry) {
      for (const { key, count } of counts.entries()) entry(key.toString('latin1'), () => writer.double(count));
    },
    read: (key, value) => counts.add(Buffer.from(key, 'latin1'), value.double()),
  };
}

function keyOf(block: Block, tuple: number, key: NumberedKey): Buffer {
  const start = startOf(block, tuple);
  const end = block.ends[tuple] ?? 0;
  if (key.kind === 'line') return block.bytes.subarray(start, end - 1);
  const span = fieldSpan();
  locateField(block.bytes, start, end, key.column, span);
  return fieldValue(block.bytes, span);
}

function writeRow(key: Buffer, count: number, output: Output): void {
  output.bytes(quoteField(key));
  output.latin1(`,${count}\n`);
}
