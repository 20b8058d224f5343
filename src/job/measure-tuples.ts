import { countNewlines } from './count-newlines.ts';
import { type Kernel, kernelFor } from './kernel/kernel.ts';
import { RecordScanner } from './record-scanner.ts';
import type { Format } from './stage-spec.ts';

/** Of the tuples that end in a stretch. */
export interface Measure {
  readonly count: number;
  /** Behind the last of them. */
  readonly bytes: number;
  /** Newlines in these bytes. */
  readonly lines: number;
}

/** Below this, the calls that copy into the kernel's memory take longer than they save. */
const MIN_KERNEL_BYTES = 1024;

/** How many tuples end in a stretch that begins with one: a fraction of the work of finding where each of them does. */
export function measureTuples(stretch: Buffer, format: Format): Measure {
  const kernel = kernelFor(stretch.length, MIN_KERNEL_BYTES);
  if (kernel !== undefined) return measureByKernel(kernel, stretch, format);
  const scanner = new RecordScanner(format);
  const count = scanner.scan(stretch);
  const bytes = scanner.ends[count - 1] ?? 0;
  return { count, bytes, lines: countNewlines(stretch.subarray(0, bytes)) };
}

function measureByKernel({ areas: { IN, PIECE_BYTES, RESULTS }, bytes: memory, calls, words }: Kernel, stretch: Buffer, format: Format): Measure {
  const found = { count: 0, bytes: 0, lines: 0 };
  let state = 0;
  let linesBefore = 0;
  for (let start = 0; start < stretch.length; start += PIECE_BYTES) {
    const length = stretch.copy(memory, IN, start, Math.min(start + PIECE_BYTES, stretch.length));
    const count = format === 'csv' ? calls.countCsv(length, state) : calls.countLines(length);
    const [stateBehind = 0, newlines = 0, , lastEnd = 0, lines = 0] = words.subarray(RESULTS / 4, RESULTS / 4 + 5);
    if (count > 0) {
      found.count += count;
      found.bytes = start + lastEnd;
      found.lines = linesBefore + lines;
    }
    state = stateBehind;
    linesBefore += format === 'csv' ? newlines : count;
  }
  return found;
}
