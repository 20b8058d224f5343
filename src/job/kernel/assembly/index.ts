/** What the kernel offers; `src/job/kernel/kernel.ts` is its caller. */
export { ENDS, IN, NEEDLE, OUT, PARTS, PIECE_BYTES, RESULTS } from './layout';
export { addToKey, countKeys, countRunning, sortKeys, stageKey, writeRows } from './counts';
export { partition } from './partition';
export { scanCsv, scanLines } from './scan';
export { nextEntry } from './table';
export { keepWith } from './text';
