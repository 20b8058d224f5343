import { invariant } from '../base/errors.ts';
import { RecordScanner } from './record-scanner.ts';
import type { Format } from './stage-spec.ts';

/** The offset behind the first `count` tuples of `bytes`, which begin with a tuple and hold at least that many. */
export function skipTuples(format: Format, bytes: Buffer, count: number): number {
  const scanner = new RecordScanner(format);
  scanner.scan(bytes);
  const end = scanner.ends[count - 1];
  invariant(end !== undefined, `a frame holds the ${count} tuples that are to be skipped`);
  return end;
}
