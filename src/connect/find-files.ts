import type { Stats } from 'node:fs';
import { access, constants, glob, open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoOf, RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { nearestName } from '../job/suggest.ts';
import { pathForOthers } from './own-descriptor.ts';
import { SUCCESS_NAME } from './part-name.ts';

/** One file of a source. Plain JSON. */
export interface FileEntry {
  /** Absolute. */
  readonly path: string;
  /** As stored, compressed for .gz; 0 for a stream, whose length nobody knows. */
  readonly bytes: number;
  /** Whether the name ends in .gz. */
  readonly gzip: boolean;
  /** Set for a named pipe or a device: it can be read once, and not ahead of the job. */
  readonly stream?: true | undefined;
}

const GLOB_CHARACTERS = /[*?[\]{}]/;

/** Named: a pattern that is a path by itself. Found: the files of a glob or a folder. */
type Match = { readonly kind: 'named'; readonly file: FileEntry } | { readonly kind: 'found'; readonly files: readonly FileEntry[] };

/**
 * The files that patterns mean, in their order. A pattern is a file, a folder (its regular files that are not hidden, not
 * those of folders in it) or a glob (its regular files); one that exists as a path is never read as a glob. The files of
 * one pattern are sorted by name in byte order.
 *
 * A file that is named is read as often as it is named. One that a glob or a folder brings along is left out if it is also
 * named, or was brought by an earlier pattern.
 *
 * Throws SOURCE_NOT_FOUND, SOURCE_UNREADABLE, or USAGE for an empty pattern and for `-` (stdin is no file).
 */
export async function findFiles(patterns: readonly string[], cwd: string): Promise<FileEntry[]> {
  const matches: Match[] = [];
  for (const pattern of patterns) matches.push(await match(pattern, cwd));
  const taken = new Set(matches.flatMap((found) => (found.kind === 'named' ? [found.file.path] : [])));
  const files: FileEntry[] = [];
  for (const found of matches) {
    if (found.kind === 'named') files.push(found.file);
    else files.push(...found.files.filter((file) => !taken.has(file.path)));
    for (const file of found.kind === 'found' ? found.files : []) taken.add(file.path);
  }
  return files;
}

async function match(pattern: string, cwd: string): Promise<Match> {
  if (pattern === '-') {
    throw new RainstormError('USAGE', 'stdin (-) cannot be combined with other sources', {
      hint: 'Pipe everything into stdin, as in: cat in.csv - | rainstorm run …',
    });
  }
  if (pattern === '') throw new RainstormError('USAGE', 'the path of a source is empty');
  const path = resolve(cwd, pattern);
  const stats = await statOf(path, pattern);
  if (stats === undefined) {
    if (GLOB_CHARACTERS.test(pattern)) return { kind: 'found', files: await globFiles(pattern, cwd) };
    throw await notFound(pattern, path);
  }
  if (stats.isDirectory()) return { kind: 'found', files: await folderFiles(pattern, path) };
  return { kind: 'named', file: await entryOf(path, pattern, stats) };
}

async function globFiles(pattern: string, cwd: string): Promise<FileEntry[]> {
  const names: string[] = [];
  for await (const name of glob(pattern, { cwd })) names.push(name);
  const files = await regularFiles(sortByBytes(names).map((name) => ({ path: resolve(cwd, name), shown: name })));
  if (files.length > 0) return files;
  const reason = names.length === 0 ? 'nothing matches it' : 'it matches folders only';
  throw new RainstormError('SOURCE_NOT_FOUND', `no source file for the pattern ${pattern}: ${reason}`);
}

async function folderFiles(pattern: string, folder: string): Promise<FileEntry[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw unreadable(pattern, error);
  });
  const visible = sortByBytes(names.filter((name) => !name.startsWith('.')));
  const files = await regularFiles(visible.map((name) => ({ path: join(folder, name), shown: join(pattern, name) })));
  // The mark that ends our part folders is empty and no data, but its name would decide about the format.
  const data = files.filter((file) => basename(file.path) !== SUCCESS_NAME || file.bytes > 0);
  if (data.length > 0) return data;
  throw new RainstormError('SOURCE_NOT_FOUND', `the source folder ${pattern} has no files`, {
    hint: `Hidden files and files of folders in it are not read; for those, use a glob in quotes, as '${join(pattern, '**/*.csv')}'.`,
  });
}

async function regularFiles(candidates: readonly { readonly path: string; readonly shown: string }[]): Promise<FileEntry[]> {
  const files: FileEntry[] = [];
  for (const { path, shown } of candidates) {
    const stats = await statOf(path, shown);
    // A name that is there but leads nowhere is a symbolic link whose file has gone: data that somebody counts on.
    if (stats === undefined) throw new RainstormError('SOURCE_NOT_FOUND', `${shown} is a link to a file that does not exist`);
    if (stats.isFile()) files.push(await entryOf(path, shown, stats));
  }
  return files;
}

async function entryOf(path: string, shown: string, stats: Stats): Promise<FileEntry> {
  const gzip = /\.gz$/i.test(path);
  const isStream = stats.isFIFO() || stats.isCharacterDevice();
  if (!isStream && !stats.isFile()) {
    throw new RainstormError('SOURCE_UNREADABLE', `cannot read the source ${shown}: it is neither a file, a folder nor a pipe`);
  }
  try {
    // Opening a pipe may wait for its writer, and closing it again would end that one; asking has to do.
    if (isStream) await access(path, constants.R_OK);
    else await (await open(path, 'r')).close();
  } catch (error) {
    throw unreadable(shown, error);
  }
  const shared = pathForOthers(path);
  return isStream ? { path: shared, bytes: 0, gzip, stream: true } : { path: shared, bytes: stats.size, gzip };
}

/** Undefined when nothing has that path. */
async function statOf(path: string, shown: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw unreadable(shown, error);
  }
}

async function notFound(pattern: string, path: string): Promise<RainstormError> {
  const folder = dirname(path);
  // The folder may be missing or closed as well; then there is no name to offer.
  const names = await readdir(folder).catch(() => []);
  const near = nearestName(basename(path), names);
  return new RainstormError('SOURCE_NOT_FOUND', `the source ${pattern} does not exist`, {
    hint: near === undefined ? `Looked in ${folder}.` : `Did you mean ${join(dirname(pattern), near)}?`,
  });
}

function unreadable(shown: string, error: unknown): RainstormError {
  return new RainstormError('SOURCE_UNREADABLE', `cannot read the source ${shown}: ${reasonOf(error)}`, { cause: error });
}

/** As `LC_ALL=C sort` does, so that the order is the same everywhere. */
function sortByBytes(names: readonly string[]): string[] {
  return names
    .map((name) => Buffer.from(name))
    .sort((one, other) => one.compare(other))
    .map((name) => name.toString());
}
