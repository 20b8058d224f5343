import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { ROOT } from './root.ts';

test('docs/reference.md is what the definitions of flags and keys say now', async () => {
  const { exitCode, stderr } = await execa(process.execPath, [join(ROOT, 'scripts/write-reference.mjs'), '--check'], { reject: false, timeout: 20_000 });
  expect(`${exitCode} ${stderr}`).toBe('0 ');
});
