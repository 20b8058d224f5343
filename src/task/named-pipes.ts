/** Named pipes, which are nameless as soon as they have been opened. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Names per `mkfifo`, well below what an argument list may hold. */
const MAX_NAMES_PER_CALL = 512;

/** Makes `count` of them and has each opened. Rejects with what `mkfifo` or `open` failed with; nothing is left behind then. */
export async function makeNamedPipes(count: number, open: (path: string, index: number) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-'));
  try {
    for (let from = 0; from < count; from += MAX_NAMES_PER_CALL) {
      const paths = Array.from({ length: Math.min(MAX_NAMES_PER_CALL, count - from) }, (_, index) => join(folder, String(from + index)));
      await run('mkfifo', ['-m', '600', ...paths]);
      for (const [index, path] of paths.entries()) open(path, from + index);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
