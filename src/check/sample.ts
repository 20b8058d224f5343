/** What a program is tried on. */
import { BlockSplitter } from '../job/block-splitter.ts';
import { DEFAULT_MAX_TUPLE_BYTES } from '../base/limits.ts';
import type { Format } from '../job/stage-spec.ts';

export interface Sample {
  /** For messages: `words`, `rows`, a file's name. */
  readonly name: string;
  /** Each with its newline. */
  readonly tuples: readonly Buffer[];
}

/** A beginning is enough: what comes twice is only needed once. */
const DOUBLED_TUPLES = 20;

/**
 * The first tuples of a sample, each of them twice, if no tuple of it comes twice in a row: `uniq` and its kin do nothing
 * otherwise, and nothing would be seen of what they are.
 */
export function doubled({ tuples }: Sample): Sample | undefined {
  if (tuples.some((tuple, index) => index > 0 && tuple.equals(tuples[index - 1] as Buffer))) return undefined;
  return { name: 'its first tuples twice', tuples: tuples.slice(0, DOUBLED_TUPLES).flatMap((tuple) => [tuple, tuple]) };
}

/** Cuts text into a sample's tuples, as a source would. Throws UNCLOSED_QUOTE. */
export function toSample(name: string, format: Format, text: Buffer): Sample {
  const splitter = new BlockSplitter({ format, maxTupleBytes: DEFAULT_MAX_TUPLE_BYTES, where: name });
  const blocks = [splitter.push(text), splitter.end()].filter((block) => block !== undefined);
  const tuples = blocks.flatMap(({ bytes, count, ends }) =>
    Array.from({ length: count }, (_, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index])));
  return { name, tuples };
}
