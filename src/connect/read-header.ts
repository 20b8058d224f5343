import type { Format } from '../job/stage-spec.ts';
import type { FileEntry } from './find-files.ts';
import { openReader, readFrom } from './open-reader.ts';

/**
 * The first record of the first file that has one, without its newline and without a byte order mark; undefined when no
 * file has any. A carriage return before the newline is part of it. Streams can be read only once, so the search ends with
 * undefined at a named pipe or a device.
 *
 * Throws SOURCE_FAILED, and UNCLOSED_QUOTE or TUPLE_TOO_LONG for a first record that is not well formed.
 */
export async function readFirstRecord(
  files: readonly FileEntry[],
  format: Format,
  maxTupleBytes: number,
): Promise<Buffer | undefined> {
  for (const file of files) {
    if (file.stream === true) return undefined;
    const reader = openReader(file, { format, header: true, maxTupleBytes });
    try {
      await readFrom(file, reader);
    } finally {
      await reader.close();
    }
    if (reader.header !== undefined) return reader.header;
  }
  return undefined;
}
