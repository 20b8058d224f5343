import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { namesIn } from '../../src/base/names-in.ts';

test('a folder that is not there holds nothing; what is no folder is an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-names-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'one'), '');
  expect(await namesIn(folder)).toEqual(['one']);
  expect(await namesIn(join(folder, 'none'))).toEqual([]);
  await expect(namesIn(join(folder, 'one'))).rejects.toThrow('ENOTDIR');
});
