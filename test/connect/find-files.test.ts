import { execFileSync } from 'node:child_process';
import { chmod, symlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findFiles } from '../../src/connect/find-files.ts';
import { formatOf } from '../../src/connect/format-of.ts';
import { failureOf, scratch } from './scratch.ts';

async function names(patterns: readonly string[], cwd: string): Promise<string[]> {
  return (await findFiles(patterns, cwd)).map((file) => relative(cwd, file.path));
}

describe('findFiles', () => {
  test('gives absolute paths, sizes and what is compressed', async () => {
    const cwd = await scratch({ 'a.csv': 'x,y\n', 'b.csv.gz': 'zz' });
    expect(await findFiles(['a.csv', join(cwd, 'b.csv.gz')], cwd)).toEqual([
      { path: join(cwd, 'a.csv'), bytes: 4, gzip: false },
      { path: join(cwd, 'b.csv.gz'), bytes: 2, gzip: true },
    ]);
  });

  test('keeps the order of the patterns, and byte order inside a glob or folder', async () => {
    const cwd = await scratch({ 'z.csv': '', 'd/é': '', 'd/b': '', 'd/B': '', 'd/a10': '', 'd/a9': '' });
    expect(await names(['z.csv', 'd'], cwd)).toEqual(['z.csv', 'd/B', 'd/a10', 'd/a9', 'd/b', 'd/é']);
    expect(await names(['d/*', 'z.csv'], cwd)).toEqual(['d/B', 'd/a10', 'd/a9', 'd/b', 'd/é', 'z.csv']);
  });

  test('a folder is its visible regular files, without the mark of our own part folders', async () => {
    const cwd = await scratch({ 'd/part-00000': 'x\n', 'd/_SUCCESS': '', 'd/.hidden': 'x', 'd/sub/deep': 'x' });
    await symlink(join(cwd, 'd/part-00000'), join(cwd, 'd/link'));
    expect(await names(['d/'], cwd)).toEqual(['d/link', 'd/part-00000']);
  });

  test('a glob matches regular files, in folders too, and no hidden ones', async () => {
    const cwd = await scratch({ 'a.csv': '', '.h.csv': '', 'd.csv/x': '', 's/t/b.csv': '' });
    expect(await names(['*.csv'], cwd)).toEqual(['a.csv']);
    expect(await names(['**/*.csv'], cwd)).toEqual(['a.csv', 's/t/b.csv']);
    expect(await names([`${cwd}/{a,s/t/b}.csv`], cwd)).toEqual(['a.csv', 's/t/b.csv']);
  });

  test('a path that exists is never read as a glob', async () => {
    const cwd = await scratch({ '[a].csv': '', 'a.csv': '' });
    expect(await names(['[a].csv'], cwd)).toEqual(['[a].csv']);
  });

  test('a named file is read as often as it is named, a found one once', async () => {
    const cwd = await scratch({ 'a.csv': '', 'b.csv': '', 'c.csv': '' });
    expect(await names(['a.csv', 'a.csv'], cwd)).toEqual(['a.csv', 'a.csv']);
    expect(await names(['[ab].csv', '[bc].csv', '.'], cwd)).toEqual(['a.csv', 'b.csv', 'c.csv']);
    expect(await names(['*.csv', 'a.csv'], cwd)).toEqual(['b.csv', 'c.csv', 'a.csv']);
  });

  test('a named pipe and a device are sources of unknown size', async () => {
    const cwd = await scratch();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    expect(await findFiles(['pipe', '/dev/null'], cwd)).toEqual([
      { path: join(cwd, 'pipe'), bytes: 0, gzip: false, stream: true },
      { path: '/dev/null', bytes: 0, gzip: false, stream: true },
    ]);
  });

  test('a missing file is named as written, with the near name in that folder', async () => {
    const cwd = await scratch({ 'data/traffic.csv': '', 'data/other.txt': '' });
    const failure = await failureOf(() => findFiles(['data/trafic.csv'], cwd));
    expect(failure).toMatchObject({ code: 'SOURCE_NOT_FOUND', message: 'the source data/trafic.csv does not exist' });
    expect(failure.hint).toBe('Did you mean data/traffic.csv?');
    expect((await failureOf(() => findFiles(['nowhere/x.csv'], cwd))).hint).toBe(`Looked in ${join(cwd, 'nowhere')}.`);
  });

  test('a glob or folder that brings no file is an error', async () => {
    const cwd = await scratch({ 'd/sub/x': '', 'd/.h': '' });
    expect(await failureOf(() => findFiles(['*.csv'], cwd))).toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: 'no source file for the pattern *.csv: nothing matches it',
    });
    expect((await failureOf(() => findFiles(['d/*'], cwd))).message).toContain('it matches folders only');
    expect(await failureOf(() => findFiles(['d'], cwd))).toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      message: 'the source folder d has no files',
    });
  });

  test('a link that leads nowhere is an error, in a folder as well', async () => {
    const cwd = await scratch({ 'd/a': '' });
    await symlink(join(cwd, 'gone'), join(cwd, 'd/link'));
    expect((await failureOf(() => findFiles(['d'], cwd))).message).toBe('d/link is a link to a file that does not exist');
  });

  test('a file that cannot be read is named with the reason', async () => {
    const cwd = await scratch({ 'file.csv': '' });
    expect(await failureOf(() => findFiles(['file.csv/x.csv'], cwd))).toMatchObject({
      code: 'SOURCE_UNREADABLE',
      message: 'cannot read the source file.csv/x.csv: not a directory (ENOTDIR)',
    });
  });

  // Root may read everything, whatever the mode says.
  test.skipIf(process.getuid?.() === 0)('a file without read permission is an error', async () => {
    const cwd = await scratch({ 'secret.csv': '' });
    await chmod(join(cwd, 'secret.csv'), 0);
    expect(await failureOf(() => findFiles(['secret.csv'], cwd))).toMatchObject({ code: 'SOURCE_UNREADABLE' });
  });

  test('stdin among files and an empty path are bad usage', async () => {
    const cwd = await scratch({ 'a.csv': '' });
    expect(await failureOf(() => findFiles(['a.csv', '-'], cwd))).toMatchObject({ code: 'USAGE' });
    expect(await failureOf(() => findFiles([''], cwd))).toMatchObject({ code: 'USAGE' });
  });
});

describe('formatOf', () => {
  const files = (...paths: string[]) => paths.map((path) => ({ path: `/d/${path}`, bytes: 0, gzip: false }));

  test('is csv when every name says so, lines when none does, and what was asked for in any case', () => {
    expect(formatOf(files('a.csv', 'b.CSV.gz'), undefined)).toBe('csv');
    expect(formatOf(files('a.txt', 'csv'), undefined)).toBe('lines');
    expect(formatOf([], undefined)).toBe('lines');
    expect(formatOf(files('a.txt', 'b.csv'), 'csv')).toBe('csv');
  });

  test('asks when names disagree', async () => {
    const failure = await failureOf(() => formatOf(files('a.csv', 'b.txt'), undefined));
    expect(failure).toMatchObject({ code: 'USAGE', message: 'a.csv is CSV by its name and b.txt is not' });
    expect(failure.hint).toContain('--format');
  });
});
