import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { folderBytes } from '../../src/leader/job-folder.ts';

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-folder-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('the bytes below a folder are those of its files, and none where there is no folder', async () => {
  const folder = await scratch();
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await writeFile(join(folder, 'a', 'b', 'c'), '12345');
  await writeFile(join(folder, 'd'), '678');
  expect(await folderBytes(folder)).toBe(8);
  expect(await folderBytes(join(folder, 'nothing'))).toBe(0);
});

test('a job that takes its folders away while others are counted disturbs nobody', async () => {
  const folder = await scratch();
  await writeFile(join(folder, 'stays'), '12345');
  let over = false;
  const ending = (async () => {
    for (let round = 0; round < 300; round++) {
      for (const name of ['x', 'y', 'z']) await mkdir(join(folder, 'leader', 'logs', name), { recursive: true });
      await rm(join(folder, 'leader'), { recursive: true, force: true });
    }
    over = true;
  })();
  while (!over) expect(await folderBytes(folder)).toBeGreaterThanOrEqual(0);
  await ending;
  expect(await folderBytes(folder)).toBe(5);
});
