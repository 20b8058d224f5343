/**
 * Folders that appear and vanish in one step, since a rename is one. A draft is made ready under a name of its own and then
 * renamed into place; what is removed is renamed away first. Whoever opens the store next clears what a crash left of both.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';

const DRAFT = '.draft-';
const REMOVED = '.removed-';

/**
 * Makes the folder `target` with an empty folder `child` in it, unless `target` is there; gives whether it did. False also
 * when another process cleared the draft, which can happen at any time: call again. `root` lies on the same file system.
 */
export async function publishFolder(root: string, target: string, child: string): Promise<boolean> {
  const draft = join(root, DRAFT + randomName());
  try {
    await mkdir(join(draft, child), { recursive: true });
    await rename(draft, target);
    return true;
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(errnoOf(error) ?? '')) throw error;
    await rm(draft, { recursive: true, force: true });
    return false;
  }
}

/** Removes a folder if it is there. From one moment to the next it is gone from its place with all that it holds. */
export async function removeFolder(root: string, target: string): Promise<void> {
  const removed = join(root, REMOVED + randomName());
  try {
    await rename(target, removed);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  await rm(removed, { recursive: true, force: true });
}

/** Clears what crashed processes left. Drafts that are in use are not spared: `publishFolder` is called again then. */
export async function clearScratch(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith(DRAFT)) await removeFolder(root, join(root, name));
    if (name.startsWith(REMOVED)) await rm(join(root, name), { recursive: true, force: true });
  }
}

export function randomName(): string {
  return randomBytes(8).toString('hex');
}
