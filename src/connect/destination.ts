import type { Stats } from 'node:fs';
import { access, constants, lstat, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { errnoOf, RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { descriptorOf, pathForOthers } from './own-descriptor.ts';
import { isPartialName } from './part-name.ts';

const STDOUT = 1;

/** What a `--dest` asks for by the way it is written. Paths are absolute. */
export type Destination =
  | { readonly kind: 'stdout' }
  /** `written`: as the user wrote it, for messages. */
  | { readonly kind: 'file'; readonly path: string; readonly written: string }
  | { readonly kind: 'folder'; readonly path: string; readonly written: string };

/** A destination that was looked at; a device or named pipe is written directly, without a partial file and a rename. */
export type CheckedDestination = Destination | { readonly kind: 'device'; readonly path: string; readonly written: string };

/** `-` is stdout, what ends in a slash is a folder, anything else a file. Throws DESTINATION when it is empty. */
export function resolveDestination(dest: string, cwd: string): Destination {
  if (dest === '-') return { kind: 'stdout' };
  if (dest === '') {
    throw new RainstormError('DESTINATION', 'the destination is empty', { hint: 'Name a file, a folder/, or - for stdout.' });
  }
  const path = resolve(cwd, dest);
  if (dest.endsWith('/')) return { kind: 'folder', path, written: dest };
  return descriptorOf(path) === STDOUT ? { kind: 'stdout' } : { kind: 'file', path, written: dest };
}

/**
 * Refuses a destination that the job could not publish to, before any work is done: one that exists, unless `overwrite`;
 * one whose folder is missing or not writable; a folder written without its slash, and a file with one. An existing folder
 * may be empty, but for what a job that died left half written.
 *
 * Gives the destination to write to: symbolic links to a file are followed, devices and named pipes are told apart.
 * Throws DESTINATION.
 */
export async function checkDestination(destination: Destination, overwrite: boolean): Promise<CheckedDestination> {
  if (destination.kind === 'stdout') return destination;
  const { path, written } = destination;
  const stats = await statOf(path, written);
  if (stats === undefined) {
    await checkParent(path, written);
    return destination;
  }
  return destination.kind === 'folder'
    ? await checkFolder(destination, stats, overwrite)
    : await checkFile(destination, stats, overwrite);
}

async function checkFile(
  destination: Extract<Destination, { kind: 'file' }>,
  stats: Stats,
  overwrite: boolean,
): Promise<CheckedDestination> {
  const { path, written } = destination;
  if (stats.isDirectory()) {
    throw new RainstormError('DESTINATION', `the destination ${written} is a folder`, {
      hint: `Did you mean ${written}/ (one part file per task in that folder)?`,
    });
  }
  if (stats.isFIFO() || stats.isCharacterDevice()) return { kind: 'device', path: pathForOthers(path), written };
  if (!stats.isFile() && !stats.isSymbolicLink()) {
    throw new RainstormError('DESTINATION', `the destination ${written} is neither a file nor a pipe`);
  }
  if (!overwrite) throw exists(`the destination ${written} exists`);
  // What a link leads to is replaced, as a shell's > would, and not the link.
  const target = stats.isSymbolicLink() ? path : await realpath(path);
  await checkWritable(dirname(target), written);
  return { ...destination, path: target };
}

async function checkFolder(
  destination: Extract<Destination, { kind: 'folder' }>,
  stats: Stats,
  overwrite: boolean,
): Promise<CheckedDestination> {
  const { path, written } = destination;
  if (!stats.isDirectory()) {
    throw new RainstormError('DESTINATION', `the destination ${written} is a file`, {
      hint: `A slash at the end means a folder of part files. Did you mean ${written.replace(/\/+$/, '')}?`,
    });
  }
  await checkWritable(path, written);
  const names = await readdir(path).catch((error: unknown) => {
    throw unusable(written, error);
  });
  if (!overwrite && names.some((name) => !isPartialName(name))) throw exists(`the destination folder ${written} is not empty`);
  return destination;
}

async function checkParent(path: string, written: string): Promise<void> {
  const parent = dirname(path);
  const stats = await statOf(parent, written);
  if (stats === undefined) {
    throw new RainstormError('DESTINATION', `the folder of the destination ${written} does not exist`, {
      hint: `Make it: mkdir -p '${parent}'`,
    });
  }
  if (!stats.isDirectory()) throw new RainstormError('DESTINATION', `cannot write ${written}: ${parent} is not a folder`);
  await checkWritable(parent, written);
}

async function checkWritable(folder: string, written: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unusable(written, error);
  }
}

/** Undefined when there is nothing; a link that leads nowhere is described as the link that it is. */
async function statOf(path: string, written: string): Promise<Stats | undefined> {
  for (const look of [stat, lstat]) {
    try {
      return await look(path);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw unusable(written, error);
    }
  }
  return undefined;
}

function exists(message: string): RainstormError {
  return new RainstormError('DESTINATION', message, { hint: 'Choose another name, or replace the result that is there with --overwrite.' });
}

function unusable(written: string, error: unknown): RainstormError {
  return new RainstormError('DESTINATION', `cannot write the destination ${written}: ${reasonOf(error)}`, { cause: error });
}
