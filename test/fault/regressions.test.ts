/** What such systems have got wrong before, held against real jobs that are killed. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sortedLines } from '../end-to-end/cli.ts';
import { runCrashing } from './crash-point/crash-job.ts';
import type { Crash } from './crash-point/crash-plan.ts';
import { SNAPSHOT, type Pipeline } from './crash-point/pipelines.ts';

const CASE_LIMIT_MS = 60_000;

/** A worker, when what it has sent is on its way; the other one then gets some of it again. */
const WORKER: Crash = { at: 'routed', victim: 'process', task: '1-0', midway: true };
const OPERATOR: Crash = { at: 'fed, nothing printed for it', victim: 'operator', task: '1-0', midway: true };
const BOTH: readonly Crash[] = [OPERATOR, { ...WORKER, after: 0 }];

function lines(count: number, line: (number: number) => string): string {
  return Array.from({ length: count }, (_, number) => `${line(number)}\n`).join('');
}

test('a duplicate is refused, and holds nothing up behind it', { timeout: CASE_LIMIT_MS }, async () => {
  // The sink dies; task 2-1, on the other worker, lives and does not know what of its output was safe.
  const { logs } = await runCrashing(SNAPSHOT, [{ at: 'safe at its consumer, which has not acked it', victim: 'process', task: '2-1', midway: true }]);
  expect(logs).toMatch(/ REJECTED channel=\S+ first=\d+ tuples=[1-9]/);
});

test('equal tuples are no duplicates', { timeout: CASE_LIMIT_MS }, async () => {
  const same: Pipeline = { name: 'the same line again and again', job: ['--stages', 'identity:2,cmd=cat'], input: lines(400, () => 'the same') };
  const { folder } = await runCrashing(same, BOTH);
  expect(sortedLines(await readFile(join(folder, 'out')))).toHaveLength(400);
});

test('what a program prints after it was started again is not taken for what it printed before', { timeout: CASE_LIMIT_MS }, async () => {
  const numbered: Pipeline = { name: 'numbers', job: ['-s', 'grep --line-buffered -n .', '-s', 'cat', '--no-fuse'], input: lines(400, () => 'the same') };
  const { folder } = await runCrashing(numbered, [{ ...OPERATOR, times: 3 }, { ...WORKER, after: 0 }]);
  expect(new Set(sortedLines(await readFile(join(folder, 'out')))).size).toBe(400);
});

test('a second job right after the first, in the same place, is another one', { timeout: CASE_LIMIT_MS }, async () => {
  const { folder } = await runCrashing(SNAPSHOT, BOTH);
  await rm(join(folder, 'crashes'), { recursive: true });
  await runCrashing(SNAPSHOT, BOTH, { folder, args: ['--overwrite'] });
});

test('lines longer than 64 KiB come whole', { timeout: CASE_LIMIT_MS }, async () => {
  const long: Pipeline = { name: 'long lines', job: ['--stages', 'identity,cmd=cat'], input: lines(20, (number) => `${number},${'x'.repeat(60_000 + number * 5_000)}`) };
  const { folder } = await runCrashing(long, [OPERATOR], { rate: 40 });
  expect((await readFile(join(folder, 'out'))).length).toBe(Buffer.byteLength(long.input ?? ''));
});

test('a program that is started again has its arguments, with their spaces and quotes', { timeout: CASE_LIMIT_MS }, async () => {
  const stages = `stages:\n  - command: [awk, -v, "words=it's  two  spaces, \\"quoted\\"", "{ print words \\": \\" $0; fflush() }"]\n  - { operator: filter, argument: "two  spaces" }\n`;
  const { folder, logs } = await runCrashing({ name: 'words', job: ['job.yaml'], files: { 'job.yaml': stages } }, BOTH);
  expect(logs).toMatch(/ RESTART attempt=\d/);
  for (const line of sortedLines(await readFile(join(folder, 'out')))) expect(line).toMatch(/^it's {2}two {2}spaces, "quoted": /);
});

const PROGRAMS: readonly Pipeline[] = [
  { name: 'replace', job: ['--stages', 'replace=/completed/done/'] },
  { name: 'sum', job: ['--stages', 'sum=zone/minutes'] },
  { name: 'plain grep', job: ['-s', 'grep completed'] },
  { name: 'sort', job: ['-s', 'sort -t, -k4,4 -s'] },
  { name: 'a stateful program', job: ['-s', "awk '{ if (NR > 1) print last; last = last \"|\" length($0) % 7; last = substr(last, length(last) - 60) } END { print last }'"] },
  { name: 'a slow program', job: ['-s', "while read -r line; do printf '%s.\\n' \"$line\"; done"] },
  { name: 'a program that prints in large pieces', job: ['-s', "tr 'a-z' 'A-Z'"] },
  { name: 'a program that prints nothing before its end', job: ['-s', 'tac'] },
];

describe('killed with its worker and by itself, it prints what it would have printed:', () => {
  test.each(PROGRAMS)('$name', { timeout: CASE_LIMIT_MS }, async (pipeline) => {
    await runCrashing(pipeline, [OPERATOR, { ...OPERATOR, victim: 'process', midway: false, after: 0 }]);
  });
});
