/** A file that grows, as its reader sees it. */
import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { systemClock } from '../base/clock.ts';

const READ_BYTES = 64 * 1024;

/** A file system's notices may be lost or coalesced, so the file is also looked at this often. */
const LOOK_AGAIN_MS = 1_000;

/** The bytes of a file from `start` on, and as they are appended, until `ended` says that no more will come and all are read. */
export async function* followFile(path: string, ended: () => boolean, start = 0): AsyncGenerator<Buffer> {
  let position = start;
  const file = await open(path, 'r');
  let noticed = new AbortController();
  const watcher = watch(path, () => noticed.abort());
  try {
    for (;;) {
      noticed = new AbortController();
      const last = ended();
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      const { bytesRead } = await file.read(buffer, 0, READ_BYTES, position);
      position += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (last) return;
      else await systemClock.wait(LOOK_AGAIN_MS, noticed.signal);
    }
  } finally {
    watcher.close();
    await file.close();
  }
}
