import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generate } from '../../src/cli/generate.ts';
import { generateRows } from '../../src/job/generate-rows.ts';
import { dataFolder, failureOf, screen } from './harness.ts';

const expected = Buffer.concat([...generateRows(3_000, 5)]);

test('rows go to stdout', async () => {
  const { terminal, out } = screen();
  await generate({ rows: 3_000, seed: 5 }, terminal);
  expect(out()).toBe(expected.toString('latin1'));
});

test('rows go to a file, in the place of what was there', async () => {
  const out = join(await dataFolder(), 'rows.csv');
  await generate({ rows: 4_000, seed: 1, out });
  await generate({ rows: 3_000, seed: 5, out });
  expect((await readFile(out)).equals(expected)).toBe(true);
});

test('a file that cannot be written is told by its path and the reason', async () => {
  const folder = await dataFolder();
  const out = join(folder, 'none', 'rows.csv');
  expect(await failureOf(() => generate({ rows: 1, seed: 1, out }))).toContain(`DESTINATION cannot write ${out}: no such file or directory (ENOENT)`);
  expect(await failureOf(() => generate({ rows: 1, seed: 1, out: folder }))).toContain(`DESTINATION cannot write ${folder}: illegal operation on a directory (EISDIR)`);
});

test('a reader that has had enough ends it quietly and at once', () => {
  const module = new URL('../../src/cli/generate.ts', import.meta.url);
  // More rows than could be made within the test's time.
  const script = `import { generate } from '${module.href}'; await generate({ rows: 1e12, seed: 1 });`;
  const { stdout, stderr } = spawnSync('bash', ['-c', '"$0" --input-type=module -e "$1" | head -n 2; echo "${PIPESTATUS[0]}"', process.execPath, script], { encoding: 'utf8' });
  expect(stdout).toMatch(/^trip,started.*\n1,2025.*\n0\n$/);
  expect(stderr).toBe('');
});
