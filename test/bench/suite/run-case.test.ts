import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Case } from '../../../bench/suite/cases.ts';
import { INPUTS } from '../../../bench/suite/data.ts';
import { runRound } from '../../../bench/suite/run-case.ts';

/** A whole job with its workers. */
const LIMIT_MS = 60_000;

function folderWithRows(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, INPUTS.rows), 'a,1\nb,2\na,3\n');
  return folder;
}

function countedBy(reference: string): Case {
  return { name: 'x', title: 'counts', input: 'rows', run: ['--stages', 'aggregate=1'], reference };
}

test('a result that is the reference’s, in any order, is timed', { timeout: LIMIT_MS }, async () => {
  const { ours, reference } = await runRound(countedBy(String.raw`printf 'b,1\na,2\n'`), folderWithRows(), INPUTS);
  expect(ours.wallMs).toBeGreaterThan(0);
  expect(reference?.wallMs).toBeGreaterThanOrEqual(0);
});

test.each([
  ['another count', String.raw`printf 'a,3\nb,1\n'`],
  ['a row more', String.raw`printf 'a,2\nb,1\nb,1\n'`],
  ['nothing', 'true'],
])('a reference that says %s fails the run', { timeout: LIMIT_MS }, async (_, reference) => {
  await expect(runRound(countedBy(reference), folderWithRows(), INPUTS)).rejects.toThrow("case x: the result differs from the reference's");
});

test('a reference that fails is not a reference', async () => {
  await expect(runRound(countedBy('exit 4'), folderWithRows(), INPUTS)).rejects.toThrow('ended with status 4');
});
