/** Counts in a map of strings: what `kernel-counts.ts` does, slower, where there is no kernel. */
import { eachCount } from './counted-rows.ts';
import { KeyReader, detach, keyField } from './keys.ts';
import type { NumberedKey } from './keys.ts';
import { rowsByKey } from './rows-by-key.ts';
import type { Block } from '../../src/job/block.ts';
import type { BlockOperator, KeyedEntries } from '../../src/kit/block-operator.ts';
import type { Output } from '../../src/kit/output.ts';

interface Counter {
  count: number;
}

export function countByMap(key: NumberedKey): BlockOperator {
  const keys = new KeyReader(key);
  const counters = new Map<string, Counter>();
  return {
    take: (block) => eachKey(block, keys, (value) => counterOf(counters, value).count++),
    finish: (output) => rowsByKey(counters, (counter) => String(counter.count), output),
    keyed: countersByKey(counters),
  };
}

export function countPartByMap(key: NumberedKey, maxKeys: number): BlockOperator {
  const keys = new KeyReader(key);
  const counters = new Map<string, Counter>();
  const finish = (output: Output) => rowsByKey(counters, (counter) => String(counter.count), output);
  const handOn = (output: Output) => {
    if (counters.size < maxKeys) return;
    for (const _ of finish(output));
    counters.clear();
  };
  return {
    take: (block, output) => eachKey(block, keys, (value) => {
      counterOf(counters, value).count++;
      handOn(output);
    }),
    finish,
    keyed: countersByKey(counters),
  };
}

export function addCountsByMap(): BlockOperator {
  const counters = new Map<string, Counter>();
  return {
    take: (block) => eachCount(block, (key, count) => (counterOf(counters, key.toString('latin1')).count += count)),
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

function eachKey(block: Block, keys: KeyReader, use: (key: string) => void): void {
  keys.load(block);
  let start = 0;
  for (let i = 0; i < block.count; i++) {
    const end = block.ends[i] ?? 0;
    use(keys.read(start, end));
    start = end;
  }
}

function countersByKey(counters: Map<string, Counter>): KeyedEntries {
  return {
    write(writer, entry) {
      for (const [key, { count }] of counters) entry(key, () => writer.double(count));
    },
    // Twice where it comes from several tasks.
    read: (key, value) => (counterOf(counters, key).count += value.double()),
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
