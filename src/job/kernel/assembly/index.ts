/** What the kernel offers; `src/job/kernel/kernel.ts` is its caller. */
export { ENDS, HEAP, IN, MAX_PARTS, NEEDLE, NEEDLE_BYTES, OUT, OUT_ENDS, PARTS, PIECE_BYTES, RESULTS } from './layout';
export { scanCsv, scanLines } from './scan';
export { partition } from './partition';
