import { stat } from 'node:fs/promises';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { FileIdentity, SourcePosition } from './source.ts';

/**
 * What tells a file from another under its path. `from`: where it is to be read on; then it must be the file that was read
 * before. One that has grown since may be a log, and what was read of it still stands there; one that was changed in place
 * may hold anything. Throws SOURCE_FAILED.
 */
export async function identify(path: string, from: SourcePosition | undefined): Promise<FileIdentity> {
  const { dev: device, ino: inode, size: bytes, mtimeMs: modifiedMs } = await stat(path).catch((cause: unknown) => {
    throw new RainstormError('SOURCE_FAILED', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  });
  const before = from?.identity;
  if (before !== undefined) {
    const isSame = before.device === device && before.inode === inode;
    const isUnchanged = bytes > before.bytes || (bytes === before.bytes && modifiedMs === before.modifiedMs);
    if (!isSame || !isUnchanged) {
      throw new RainstormError('SOURCE_FAILED', `${path} is no longer the file that the job began to read: it was ${isSame ? 'changed' : 'replaced'}`, {
        hint: 'Run the job anew.',
      });
    }
  }
  return { device, inode, bytes, modifiedMs };
}
