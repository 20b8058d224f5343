import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

/**
 * A named pipe or terminal as a stream; undefined for anything else, which ordinary file reads are good for.
 *
 * A file read of a pipe without data occupies a thread of libuv's pool, of which there are four, and neither closing the
 * file nor `process.exit` ends it. A socket over the descriptor waits in the event loop instead.
 */
export function openPipe(path: string): Readable | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (isatty(fd)) return new ReadStream(fd);
    if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  closeSync(fd);
  return undefined;
}
