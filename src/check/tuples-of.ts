/** The tuples of a source one by one, each with its newline: for the few that a trial needs, not for a job. */
import type { FileEntry } from '../connect/find-files.ts';
import { openReader, readFrom } from '../connect/open-reader.ts';
import type { Source } from '../connect/source.ts';
import type { Block } from '../job/block.ts';
import { endOf } from '../job/slice-block.ts';
import type { Format } from '../job/stage-spec.ts';

interface Reading {
  readonly format: Format;
  /** The first record of each file is a header, no tuple. */
  readonly header: boolean;
  readonly maxTupleBytes: number;
}

/** As long as nobody aborts: a pipe may have nobody who writes. Throws SOURCE_FAILED, TUPLE_TOO_LONG, UNCLOSED_QUOTE. */
export async function* tuplesOfFiles(files: readonly FileEntry[], reading: Reading, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  for (const file of files) {
    if (signal?.aborted === true) return;
    const reader = openReader(file, reading);
    const stop = () => void reader.close();
    signal?.addEventListener('abort', stop);
    try {
      for (let block = await readFrom(file, reader); block !== undefined; block = await readFrom(file, reader)) yield* tuplesOfBlock(block);
    } finally {
      signal?.removeEventListener('abort', stop);
      await reader.close();
    }
  }
}

/** Throws what its reads throw. */
export async function* tuplesOfSource(source: Pick<Source, 'read'>): AsyncGenerator<Buffer, void, undefined> {
  for (let block = await source.read(); block !== undefined; block = await source.read()) yield* tuplesOfBlock(block);
}

/** Copies, since a source may use its bytes again. */
export function tuplesOfBlock(block: Block): Buffer[] {
  return Array.from({ length: block.count }, (_, index) => Buffer.from(block.bytes.subarray(endOf(block, index), endOf(block, index + 1))));
}
