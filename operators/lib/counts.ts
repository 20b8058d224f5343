import { KeyCounts, MAX_COUNT_PAGES } from '../../src/job/kernel/key-counts.ts';
import { newKernel } from '../../src/job/kernel/kernel.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import type { NumberedKey } from './keys.ts';
import { countByKernel, countRunningByKernel } from './kernel-counts.ts';
import { countByMap, countRunningByMap } from './map-counts.ts';

/** What `aggregate` does: `key,count` once for each key at the end of the input, keys in byte order. */
export function countAtEnd(key: NumberedKey): BlockOperator {
  const counts = kernelCounts(key);
  return counts === undefined ? countByMap(key) : countByKernel(counts, key);
}

/** What `running-aggregate` does: `key,count` after each tuple, the count being the key's so far. */
export function countRunning(key: NumberedKey): BlockOperator {
  const counts = kernelCounts(key);
  return counts === undefined ? countRunningByMap(key) : countRunningByKernel(counts, key);
}

/** Undefined where there is no kernel. */
function kernelCounts(key: NumberedKey): KeyCounts | undefined {
  const kernel = newKernel(MAX_COUNT_PAGES);
  return kernel === undefined ? undefined : new KeyCounts(kernel, key.kind === 'column' ? key.column : 0);
}
