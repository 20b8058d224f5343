/** Counts in a map of strings: what `kernel-counts.ts` does, slower, where there is no kernel. */
import { KeyReader, detach, keyField } from './keys.ts';
import type { NumberedKey } from './keys.ts';
import { rowsByKey } from './rows-by-key.ts';
import type { BlockOperator, KeyedEntries } from '../../src/kit/block-operator.ts';

interface Counter {
  count: number;
}

export function countByMap(key: NumberedKey): BlockOperator {
  const keys = new KeyReader(key);
  const counters = new Map<string, Counter>();
  return {
    take(block) {
      keys.load(block);
      let start = 0;
      for (let i = 0; i < block.count; i++) {
        const end = block.ends[i] ?? 0;
        counterOf(counters, keys.read(start, end)).count++;
        start = end;
      }
    },
    finish: (output) => rowsByKey(counters, (counter) => String(counter.count), output),
    keyed: countersByKey(counters),
  };
}

export function countRunningByMap(key: NumberedKey): BlockOperator {
  const keys = new KeyReader(key);
  const counters = new Map<string, Counter>();
  return {
    take(block, output) {
      keys.load(block);
      let rows = '';
      let start = 0;
      for (let i = 0; i < block.count; i++) {
        const end = block.ends[i] ?? 0;
        const key = keys.read(start, end);
        const counter = counterOf(counters, key);
        counter.count++;
        rows += `${keyField(key)},${counter.count}\n`;
        start = end;
      }
      output.latin1(rows);
    },
    keyed: countersByKey(counters),
  };
}

function countersByKey(counters: Map<string, Counter>): KeyedEntries {
  return {
    write(writer, entry) {
      for (const [key, { count }] of counters) entry(key, () => writer.double(count));
    },
    read: (key, value) => counters.set(key, { count: value.double() }),
  };
}

function counterOf(counters: Map<string, Counter>, key: string): Counter {
  let counter = counters.get(key);
  if (counter === undefined) {
    counter = { count: 0 };
    counters.set(detach(key), counter);
  }
  return counter;
}
