import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import { FileSink, type Resumption } from './file-sink.ts';
import { partName } from './part-name.ts';
import { sinkFailed } from './sink-failed.ts';

/**
 * The sink of one task in a folder of part files: `part-00000` for task 0. The folder is made if it is missing, not the
 * folders above it. Throws SINK_FAILED.
 */
export async function openPartSink(folder: string, index: number, headerRow: string | undefined, resume: Resumption | undefined, durable: boolean): Promise<FileSink> {
  if (resume !== undefined) return await FileSink.resume(join(folder, partName(index)), resume, durable);
  try {
    await mkdir(folder);
  } catch (error) {
    // Whichever task comes first makes it; a file in its place fails below, with the part's name.
    if (errnoOf(error) !== 'EEXIST') throw sinkFailed(folder, error);
  }
  return FileSink.open(join(folder, partName(index)), headerRow, durable);
}
