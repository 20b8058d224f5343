/** What the kernel offers; `src/job/kernel/kernel.ts` is its caller. */
export { COLUMNS, ENDS, IN, MAX_COLUMNS, MAX_COLUMN_NUMBER, NEEDLE, OUT, OUT_BYTES, PARTS, PIECE_BYTES, RESULTS } from './layout';
export { addToKey, countKeys, countRunning, forgetKeys, keysCounted, limitKeys, sortKeys, stageKey, writeRows } from './counts';
export { extractColumns } from './extract';
export { locateColumns } from './locate';
export { partition } from './partition';
export { countCsv, countLines, scanCsv, scanLines } from './scan';
export { nextEntry } from './table';
export { keepFromCsv, keepFromLines, keepWith } from './text';
