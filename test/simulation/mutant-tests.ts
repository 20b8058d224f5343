import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Mutant } from './mutants.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Every mutant was seen to fail well before this many, from its own seed if it has one. */
const SEEDS = 1_500;

/** For the tests of a file: a copy of the sources to change, and what must come of a change. */
export function mutantTests(): (mutant: Mutant) => Promise<void> {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'rainstorm-mutants-'));
    for (const part of ['src', 'test/simulation', 'package.json']) cpSync(join(ROOT, part), join(scratch, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  return async (mutant) => {
    const { failed, output } = await simulateMutant(scratch, mutant);
    expect(failed, `all seeds passed with this rule broken:\n${output}`).toBe(true);
    expect(output).toMatch(/^seed \d+: /m);
  };
}

/** Gives what the simulator says of a changed source. */
async function simulateMutant(scratch: string, mutant: Mutant): Promise<{ failed: boolean; output: string }> {
  const path = join(scratch, mutant.file);
  const original = readFileSync(path, 'utf8');
  expect(original.split(mutant.find).length, `${mutant.file} holds the place to change exactly once`).toBe(2);
  writeFileSync(path, original.replace(mutant.find, () => mutant.replace));
  try {
    const args = ['test/simulation/main.ts', '--seed', String(mutant.seed ?? 1), '--count', String(SEEDS), '--first'];
    const result = await execa(process.execPath, args, { cwd: scratch, reject: false, all: true });
    return { failed: result.exitCode !== 0, output: result.all };
  } finally {
    writeFileSync(path, original);
  }
}
