/** A kernel that tests have to themselves, so that they may write anywhere in it. */
import { expect } from 'vitest';
import type { Block } from '../../../src/job/block.ts';
import { BlockSplitter } from '../../../src/job/block-splitter.ts';
import { type Kernel, newKernel } from '../../../src/job/kernel/kernel.ts';
import type { Format } from '../../../src/job/stage-spec.ts';

const PAGES = 40;
const MARK = 0xaa;
const MARKED_BYTES = 4_096;

export const kernel = makeKernel();

function makeKernel(): Kernel {
  const made = newKernel(PAGES);
  if (made === undefined) throw new Error('this machine has no kernel');
  return made;
}

export function blockOf(format: Format, bytes: Buffer): Block | undefined {
  return new BlockSplitter({ format, maxTupleBytes: 1 << 30, where: 'test' }).push(bytes);
}

/** Writes what has a meaning in CSV where the kernel reads, so that it is noticed if it reads too far, and marks what follows OUT. */
export function litter(seed: number): void {
  const { IN, ENDS, OUT, OUT_BYTES } = kernel.areas;
  kernel.bytes.fill(',"\n\r'.charCodeAt(seed % 4), IN - 64, ENDS);
  kernel.bytes.fill(MARK, OUT + OUT_BYTES, OUT + OUT_BYTES + MARKED_BYTES);
}

export function expectNothingBehindOut(): void {
  const { OUT, OUT_BYTES } = kernel.areas;
  const behind = kernel.bytes.subarray(OUT + OUT_BYTES, OUT + OUT_BYTES + MARKED_BYTES);
  expect(behind.equals(Buffer.alloc(MARKED_BYTES, MARK))).toBe(true);
}
