/**
 * Who owns a log: the attempt in the name of the one folder that its segments lie in, `<attempt>-<nonce>`.
 *
 * O1 A new attempt takes over by renaming that folder to a name of its own. One rename can succeed, so of several
 *    contenders one wins and the others look again; numbers only grow.
 * O2 Nonces are random, so no name ever comes back, not even after the log was removed and made anew.
 * O3 After the rename every path that an older attempt knows leads nowhere: it cannot make, remove or read segments. What
 *    it still has open it can write to, so it confirms a record only after seeing, behind the write, that its folder is
 *    there. Seen there, the write came before the rename, and so before anything that the new attempt reads.
 */
import { readdirSync, statSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, RainstormError } from '../base/errors.ts';
import { logFenced, storeFailed } from './failures.ts';
import { publishFolder, randomName } from './scratch-folder.ts';

/** Each new try means that some other attempt got on; so many in a row mean that something else is wrong. */
const MAX_TRIES = 100;

/** One attempt's hold on a log, as errors name it. */
export interface LogAttempt {
  readonly name: string;
  readonly attempt: number;
}

interface Owner {
  readonly attempt: number;
  readonly path: string;
}

/**
 * Makes the attempt the owner of the log whose folder is `logFolder`, which need not be there; gives the path of the folder
 * for its segments. `root`: the store's folder. Throws LOG_FENCED when an attempt as great was there, and system errors.
 */
export async function takeOwnership(root: string, logFolder: string, log: LogAttempt): Promise<string> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const owner = findOwner(logFolder);
    if (owner === undefined) await publishFolder(root, logFolder, folderName(0));
    else if (owner.attempt >= log.attempt) throw logFenced(log.name, log.attempt, owner.attempt);
    else {
      const own = join(logFolder, folderName(log.attempt));
      if (await renamed(owner.path, own)) return own;
    }
  }
  throw storeFailed('take over', logFolder, new Error('others do so again and again'));
}

/** The attempt that owns the log; 0 when there is no log. */
export function ownerOf(logFolder: string): number {
  return findOwner(logFolder)?.attempt ?? 0;
}

/** Where the log's segments lie now; undefined when there is no log. */
export function ownerFolderOf(logFolder: string): string | undefined {
  return findOwner(logFolder)?.path;
}

/**
 * O3: whether the folder from `takeOwnership` still is in place. In the foreground, on purpose: it takes a microsecond,
 * and every confirmation waits for it.
 */
export function isOwned(ownFolder: string): boolean {
  return statSync(ownFolder, { throwIfNoEntry: false }) !== undefined;
}

/** LOG_FENCED, naming the attempt that owns the log now, for an attempt whose folder is not in place any more. */
export function fencedFrom(ownFolder: string, log: LogAttempt): RainstormError {
  return logFenced(log.name, log.attempt, ownerOf(dirname(ownFolder)));
}

/**
 * What a failure in the folder means: that the log was taken over, which leaves no path to it intact, or STORE_FAILED.
 * Gives back what is no failed system call as it is: a RainstormError, or a bug.
 */
export function explainFailure(ownFolder: string, log: LogAttempt, doing: string, path: string, error: unknown): unknown {
  if (error instanceof RainstormError || errnoOf(error) === undefined) return error;
  const failed = storeFailed(doing, path, error);
  try {
    return isOwned(ownFolder) ? failed : fencedFrom(ownFolder, log);
  } catch (second) {
    // A disk that cannot even be asked for its names: the first failure says more.
    if (errnoOf(second) === undefined) throw second;
    return failed;
  }
}

function findOwner(logFolder: string): Owner | undefined {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const names = namesIn(logFolder);
    if (names === undefined) return undefined;
    // A listing taken during a take-over may show both names, or none.
    const greatest = names.flatMap((name) => asOwner(logFolder, name)).sort((a, b) => b.attempt - a.attempt)[0];
    if (greatest !== undefined) return greatest;
  }
  return undefined;
}

function asOwner(logFolder: string, name: string): Owner[] {
  const digits = /^(\d+)-[0-9a-f]+$/.exec(name)?.[1];
  return digits === undefined ? [] : [{ attempt: Number(digits), path: join(logFolder, name) }];
}

function namesIn(folder: string): string[] | undefined {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function folderName(attempt: number): string {
  return `${attempt}-${randomName()}`;
}
