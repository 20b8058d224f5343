import { KeyCounts, MAX_COUNT_PAGES } from '../../src/job/kernel/key-counts.ts';
import { newKernel } from '../../src/job/kernel/kernel.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { MAX_PART_KEYS } from './counted-rows.ts';
import type { NumberedKey } from './keys.ts';
import { addCountsByKernel, countByKernel, countPartByKernel, countRunningByKernel } from './kernel-counts.ts';
import { addCountsByMap, countByMap, countPartByMap, countRunningByMap } from './map-counts.ts';

/** What `aggregate` does: `key,count` once for each key at the end of the input, keys in byte order. */
export function countAtEnd(key: NumberedKey): BlockOperator {
  const counts = kernelCounts(key);
  return counts === undefined ? countByMap(key) : countByKernel(counts, key);
}

/**
 * What `count-part` does, before tuples are shuffled by key: `key,count` for each key, at the end or when there are many, so
 * that a key may come more than once. They are handed on with the tuple with which they become `maxKeys`, wherever pieces of
 * input end: what comes out must depend on the input alone.
 */
export function countPart(key: NumberedKey, maxKeys: number = MAX_PART_KEYS): BlockOperator {
  const counts = kernelCounts(key, maxKeys);
  return counts === undefined ? countPartByMap(key, maxKeys) : countPartByKernel(counts, key);
}

/** What `add-counts` does behind it: `key,count` once for each key at the end, the sum of those that came. */
export function addCounts(): BlockOperator {
  const counts = kernelCounts({ kind: 'line' });
  return counts === undefined ? addCountsByMap() : addCountsByKernel(counts);
}

/** What `running-aggregate` does: `key,count` after each tuple, the count being the key's so far. */
export function countRunning(key: NumberedKey): BlockOperator {
  const counts = kernelCounts(key);
  return counts === undefined ? countRunningByMap(key) : countRunningByKernel(counts, key);
}

/** Undefined where there is no kernel. */
function kernelCounts(key: NumberedKey, maxKeys?: number): KeyCounts | undefined {
  const kernel = newKernel(MAX_COUNT_PAGES);
  return kernel === undefined ? undefined : new KeyCounts(kernel, key.kind === 'column' ? key.column : 0, maxKeys);
}
