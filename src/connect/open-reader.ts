import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { Block } from '../job/block.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { FileChunks } from './file-chunks.ts';
import type { FileEntry } from './find-files.ts';
import { GzipChunks } from './gzip-chunks.ts';
import { openPipe } from './open-pipe.ts';
import { SkippingChunks } from './skipping-chunks.ts';
import { StreamChunks } from './stream-chunks.ts';
import type { FileReader } from './file-reader.ts';
import { TupleReader, type TupleReaderOptions } from './tuple-reader.ts';

/** Opens one file of a source. Throws SOURCE_FAILED, as its reads do when they go through `readFrom`. */
export function openReader(file: FileEntry, options: Omit<TupleReaderOptions, 'where'>): TupleReader {
  try {
    return new TupleReader(chunksOf(file, options.from?.offsetBytes ?? 0), { ...options, where: file.path });
  } catch (error) {
    throw sourceFailed(file, error);
  }
}

/** `reader.read()`; failures of the disk and of gzip are told as SOURCE_FAILED with the file's name. */
export async function readFrom(file: FileEntry, reader: FileReader): Promise<Block | undefined> {
  try {
    return await reader.read();
  } catch (error) {
    throw error instanceof RainstormError ? error : sourceFailed(file, error);
  }
}

function chunksOf(file: FileEntry, fromBytes: number): ChunkReader {
  const pipe = file.stream === true ? openPipe(file.path) : undefined;
  if (pipe === undefined && !file.gzip) return new FileChunks(file.path, fromBytes);
  const stored = pipe === undefined ? new FileChunks(file.path) : new StreamChunks(pipe);
  return new SkippingChunks(file.gzip ? new GzipChunks(stored) : stored, fromBytes);
}

function sourceFailed(file: FileEntry, error: unknown): RainstormError {
  return new RainstormError('SOURCE_FAILED', `cannot read ${file.path}: ${reasonOf(error)}`, { cause: error });
}
