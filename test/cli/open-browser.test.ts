import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasScreen, openBrowser } from '../../src/cli/open-browser.ts';
import { dataFolder } from './harness.ts';

async function program(text: string): Promise<string> {
  const path = join(await dataFolder(), 'opener');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

test('the program that opens things gets the address', async () => {
  const opener = await program('printf %s "$1" > "$0.got"');
  expect(await openBrowser('http://127.0.0.1:1/login?code=a&b', opener)).toBe(true);
  expect(await readFile(`${opener}.got`, 'utf8')).toBe('http://127.0.0.1:1/login?code=a&b');
});

test('one that is not there, or cannot, is told', async () => {
  expect(await openBrowser('http://127.0.0.1:1/', '/nowhere/opener')).toBe(false);
  expect(await openBrowser('http://127.0.0.1:1/', await program('exit 3'))).toBe(false);
});

test.skipIf(process.platform === 'darwin')('nothing is opened without a terminal and a screen', () => {
  expect(hasScreen({ isTTY: true }, { DISPLAY: ':0' })).toBe(true);
  expect(hasScreen({ isTTY: true }, { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
  expect(hasScreen({ isTTY: true }, { DISPLAY: '' })).toBe(false);
  expect(hasScreen({}, { DISPLAY: ':0' })).toBe(false);
});
