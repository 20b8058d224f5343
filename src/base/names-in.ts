import { readdir } from 'node:fs/promises';
import { errnoOf } from './errors.ts';

/** What a folder holds; nothing where there is no such folder. Rejects with other system errors. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
