import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { Block } from '../job/block.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { FileChunks } from './file-chunks.ts';
import type { FileEntry } from './find-files.ts';
import { GzipChunks } from './gzip-chunks.ts';
import { openPipe } from './open-pipe.ts';
import { StreamChunks } from './stream-chunks.ts';
import { TupleReader, type TupleReaderOptions } from './tuple-reader.ts';

/** Opens one file of a source. Throws SOURCE_FAILED, as its reads do when they go through `readFrom`. */
export function openReader(file: FileEntry, options: Omit<TupleReaderOptions, 'where'>): TupleReader {
  try {
    const stored = storedChunks(file);
    return new TupleReader(file.gzip ? new GzipChunks(stored) : stored, { ...options, where: file.path });
  } catch (error) {
    throw sourceFailed(file, error);
  }
}

/** `reader.read()`; failures of the disk and of gzip are told as SOURCE_FAILED with the file's name. */
export async function readFrom(file: FileEntry, reader: TupleReader): Promise<Block | undefined> {
  try {
    return await reader.read();
  } catch (error) {
    throw error instanceof RainstormError ? error : sourceFailed(file, error);
  }
}

function storedChunks(file: FileEntry): ChunkReader {
  const pipe = file.stream === true ? openPipe(file.path) : undefined;
  return pipe === undefined ? new FileChunks(file.path) : new StreamChunks(pipe);
}

function sourceFailed(file: FileEntry, error: unknown): RainstormError {
  return new RainstormError('SOURCE_FAILED', `cannot read ${file.path}: ${reasonOf(error)}`, { cause: error });
}
