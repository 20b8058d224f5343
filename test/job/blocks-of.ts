import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Block } from '../../src/job/block.ts';
import type { Format } from '../../src/job/stage-spec.ts';

/** The blocks that a stream gives which is read in these chunks. */
export function blocksOf(format: Format, chunks: readonly Buffer[]): Block[] {
  const splitter = new BlockSplitter({ format, maxTupleBytes: 1 << 20, where: 'test' });
  return [...chunks.map((chunk) => splitter.push(chunk)), splitter.end()].filter((block) => block !== undefined);
}
