import { execFileSync } from 'node:child_process';
import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claimDestination } from '../../src/connect/claim-destination.ts';
import { checkDestination, resolveDestination, type CheckedDestination } from '../../src/connect/destination.ts';
import { failureOf, scratch } from './scratch.ts';

async function check(dest: string, cwd: string, overwrite = false): Promise<CheckedDestination> {
  return await checkDestination(resolveDestination(dest, cwd), overwrite);
}

async function refusal(dest: string, cwd: string, overwrite = false): Promise<{ message: string; hint: string }> {
  const failure = await failureOf(() => check(dest, cwd, overwrite));
  expect(failure.code).toBe('DESTINATION');
  return { message: failure.message, hint: failure.hint ?? '' };
}

describe('resolveDestination', () => {
  test('knows stdout, files and folders by the way they are written', async () => {
    expect(resolveDestination('-', '/d')).toEqual({ kind: 'stdout' });
    expect(resolveDestination('/dev/stdout', '/d')).toEqual({ kind: 'stdout' });
    expect(resolveDestination('out', '/d')).toEqual({ kind: 'file', path: '/d/out', written: 'out' });
    expect(resolveDestination('sub/out/', '/d')).toEqual({ kind: 'folder', path: '/d/sub/out', written: 'sub/out/' });
    expect(await failureOf(() => resolveDestination('', '/d'))).toMatchObject({ code: 'DESTINATION' });
  });
});

describe('checkDestination', () => {
  test('takes a new file or folder whose parent exists', async () => {
    const cwd = await scratch();
    expect(await check('out', cwd)).toMatchObject({ kind: 'file', path: join(cwd, 'out') });
    expect(await check('out/', cwd)).toMatchObject({ kind: 'folder', path: join(cwd, 'out') });
    expect(await check('-', cwd)).toEqual({ kind: 'stdout' });
  });

  test('refuses a file that exists unless it may be overwritten', async () => {
    const cwd = await scratch({ out: 'x' });
    expect(await refusal('out', cwd)).toMatchObject({ message: 'the destination out exists' });
    expect((await refusal('out', cwd)).hint).toContain('--overwrite');
    expect(await check('out', cwd, true)).toMatchObject({ kind: 'file', path: join(cwd, 'out') });
  });

  test('asks whether out/ was meant where a folder of that name exists, with --overwrite as well', async () => {
    const cwd = await scratch({ 'out/x': '' });
    for (const overwrite of [false, true]) {
      const { message, hint } = await refusal('out', cwd, overwrite);
      expect(message).toBe('the destination out is a folder');
      expect(hint).toContain('Did you mean out/');
    }
  });

  test('refuses a folder that is not empty, but for what a dead job left half written', async () => {
    const cwd = await scratch({ 'full/part-00000': '', 'left/part-00000.partial': '', 'other/x.partial': '' });
    await mkdir(join(cwd, 'empty'));
    expect((await refusal('full/', cwd)).message).toBe('the destination folder full/ is not empty');
    expect((await refusal('other/', cwd)).message).toBe('the destination folder other/ is not empty');
    for (const dest of ['left/', 'empty/']) expect(await check(dest, cwd)).toMatchObject({ kind: 'folder' });
    expect(await check('full/', cwd, true)).toMatchObject({ kind: 'folder' });
  });

  test('refuses a file where a folder is asked for', async () => {
    const cwd = await scratch({ out: '' });
    const { message, hint } = await refusal('out/', cwd, true);
    expect(message).toBe('the destination out/ is a file');
    expect(hint).toContain('Did you mean out?');
  });

  test('refuses a missing parent, saying how to make it, and a parent that is a file', async () => {
    const cwd = await scratch({ file: '' });
    for (const dest of ['no/such/out', 'no/such/out/']) {
      const { message, hint } = await refusal(dest, cwd);
      expect(message).toBe(`the folder of the destination ${dest} does not exist`);
      expect(hint).toBe(`Make it: mkdir -p '${join(cwd, 'no/such')}'`);
    }
    expect((await refusal('file/out', cwd)).message).toContain('not a directory');
  });

  // Root may write everywhere, whatever the mode says.
  test.skipIf(process.getuid?.() === 0)('refuses a parent that is not writable', async () => {
    const cwd = await scratch({ 'd/x': '' });
    await chmod(join(cwd, 'd'), 0o500);
    onTestFinished(() => chmod(join(cwd, 'd'), 0o700));
    expect((await refusal('d/out', cwd)).message).toContain('permission denied');
    expect((await refusal('d/x', cwd, true)).message).toContain('permission denied');
  });

  test('tells devices and named pipes, which need no --overwrite', async () => {
    const cwd = await scratch();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    expect(await check('/dev/null', cwd)).toMatchObject({ kind: 'device', path: '/dev/null' });
    expect(await check('pipe', cwd)).toMatchObject({ kind: 'device', path: join(cwd, 'pipe') });
  });

  test('follows a link to a file, and takes one that leads nowhere for something that exists', async () => {
    const cwd = await scratch({ 'd/target': 'x' });
    await symlink(join(cwd, 'd/target'), join(cwd, 'link'));
    await symlink(join(cwd, 'gone'), join(cwd, 'dangling'));
    expect((await refusal('link', cwd)).message).toBe('the destination link exists');
    expect(await check('link', cwd, true)).toMatchObject({ kind: 'file', path: join(cwd, 'd/target') });
    expect((await refusal('dangling', cwd)).message).toBe('the destination dangling exists');
    expect(await check('dangling', cwd, true)).toMatchObject({ path: join(cwd, 'dangling') });
  });
});

describe('claimDestination', () => {
  test('checks and locks, and lets go when the check fails', async () => {
    const cwd = await scratch({ old: '' });
    const claim = (dest: string, job: string) => claimDestination(resolveDestination(dest, cwd), { overwrite: false, job });
    const { destination, lock } = await claim('out', 'first');
    expect(destination).toMatchObject({ kind: 'file', path: join(cwd, 'out') });
    expect(await failureOf(() => claim('out', 'second'))).toMatchObject({ code: 'DESTINATION_BUSY' });
    await lock.release();
    expect(await failureOf(() => claim('old', 'third'))).toMatchObject({ code: 'DESTINATION' });
    const again = await claim('out', 'fourth');
    await again.lock.release();
  });
});
