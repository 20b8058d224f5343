import { stat } from 'node:fs/promises';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { InputFile } from '../job/file-range.ts';
import type { FileEntry } from './find-files.ts';

/** More are read and sent: each of them is in the plan, which every worker gets. */
const MAX_FILES = 1_000;

/**
 * The files of a source for whoever reads ranges of them; undefined where that cannot be: not every one is an ordinary file that
 * is stored as it is read (some files of the system say that they are empty and are not). Throws SOURCE_FAILED.
 */
export async function inputFiles(files: readonly FileEntry[]): Promise<InputFile[] | undefined> {
  if (files.length > MAX_FILES || files.some(({ gzip, stream, bytes }) => gzip || stream === true || bytes === 0)) return undefined;
  return Promise.all(files.map(inputFile));
}

async function inputFile({ path, bytes }: FileEntry): Promise<InputFile> {
  const { ino: inode, mtimeMs: modifiedMs } = await stat(path).catch((cause: unknown) => {
    throw new RainstormError('SOURCE_FAILED', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
  });
  return { path, bytes, inode, modifiedMs };
}
