/** Much input, many tasks, slow consumers: memory stays where it is. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { output, runBash, scratch, shell, sortedLines, startBash, startCli, type RunningCli } from './cli.ts';
import { rows, writeRows } from './data.ts';
import { peakResidentBytes, processTree, waitFor } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const MANY_ROWS = 2_000_000;
const MAX_RESIDENT_BYTES = 300 * 1024 * 1024;

/** A small part of the input: what pipes, windows and files in flight hold. */
const MAX_IN_FLIGHT_SHARE = 0.3;

const SAMPLE_MS = 100;

// The peaks come from /proc.
const hasProc = process.platform === 'linux';

let folder = '';
let file = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rainstorm-large-'));
  file = join(folder, 'many.csv');
  await writeRows(file, MANY_ROWS);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** The largest peak of any process below `run`, watched until it ends. */
async function watchMemory(run: RunningCli): Promise<{ readonly bytes: number; readonly of: string }> {
  const ended = new AbortController();
  run.result.finally(() => ended.abort()).catch(() => undefined);
  let most = { bytes: 0, of: '' };
  while (!ended.signal.aborted) {
    for (const { pid, args } of await processTree(run.pid)) {
      const bytes = await peakResidentBytes(pid);
      if (bytes > most.bytes) most = { bytes, of: args };
    }
    await pause(SAMPLE_MS);
  }
  return most;
}

describe('two million rows', () => {
  test.skipIf(!hasProc)('are shuffled by key and counted, every process under 300 MB', async () => {
    const cwd = await scratch();
    const run = startCli(['run', '--quiet', '--stages', 'filter=e:2,aggregate=zone:3', '--src', file, '--dest', 'out', '--no-output-header', '--workers', '2'], { cwd });
    const most = await watchMemory(run);
    expect((await run.result).stderr).toBe('');
    // Only names of stations hold commas, and they stand before the zone.
    const counts = await shell(`tail -n +2 '${file}' | grep -F e | awk -F, '{ n[$(NF - 5)]++ } END { for (zone in n) print zone "," n[zone] }'`, cwd);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(sortedLines(counts));
    expect(most.bytes).toBeGreaterThan(0);
    expect(most.bytes, most.of).toBeLessThan(MAX_RESIDENT_BYTES);
  });

  test.skipIf(!hasProc)('pass through several commands in order, every process under 300 MB', async () => {
    const cwd = await scratch();
    const run = startCli(['run', '--quiet', '-s', 'cat', '-s', 'cat | cat', '--src', file, '--dest', 'out', '--workers', '2'], { cwd });
    const most = await watchMemory(run);
    expect((await run.result).stderr).toBe('');
    expect(await digest(join(cwd, 'out'))).toBe(await digest(file));
    expect(most.bytes, most.of).toBeLessThan(MAX_RESIDENT_BYTES);
  });
});

describe('a consumer that does not read', () => {
  const WAITS = 'until [ -e go ]; do sleep 0.1; done';

  test.each([
    ['the reader of stdout', `-s cat -s 'cat :2' | (${WAITS}; sort | sha256sum)`],
    ['an operator', `-s 'cat :2' -s '${WAITS}; cat' | sort | sha256sum`],
    ['one task of a stage behind a shuffle', `-s 'cat :2' -s 'if [ $RAINSTORM_TASK = 1 ]; then ${WAITS}; fi; cat @line:2' | sort | sha256sum`],
  ])('%s slows the source down, and memory does not grow', async (_, pipe) => {
    const cwd = await scratch();
    const run = startBash(`export LC_ALL=C; rainstorm run --json --workers 2 --src '${file}' ${pipe}`, { cwd });
    const memory = hasProc ? watchMemory(run) : undefined;
    const total = (await stat(file)).size;
    const doneBytes = await waitFor('the source to stand still', () => {
      const [before, last] = sourceDone(run.stderrSoFar()).slice(-2);
      return before === last && last !== undefined && last > 0 ? last : undefined;
    });
    expect(doneBytes).toBeLessThan(total * MAX_IN_FLIGHT_SHARE);
    await writeFile(join(cwd, 'go'), '');
    const { text } = await run.result;
    expect(text).toBe((await shell(`sort '${file}' | sha256sum`, cwd)).toString());
    const most = await memory;
    expect(most?.bytes ?? 0, most?.of).toBeLessThan(MAX_RESIDENT_BYTES);
  });
});

describe('many tasks', () => {
  test('256 of cat in one stage give the input back', async () => {
    const input = rows(100_000);
    const cwd = await scratch({ 'in.csv': input });
    const printed = await output(['-s', 'cat :256', '--src', 'in.csv', '--format', 'lines', '--workers', '2'], { cwd });
    expect(sortedLines(printed)).toEqual(sortedLines(input));
  });

  test('256 behind a shuffle, into as many part files', async () => {
    const input = rows(20_000);
    const cwd = await scratch({ 'in.csv': input });
    await output(['-s', 'cat :4', '-s', 'cat @line:256', '--src', 'in.csv', '--format', 'lines', '--dest', 'out/', '--workers', '2'], { cwd });
    const names = (await readdir(join(cwd, 'out'))).filter((name) => name.startsWith('part-'));
    expect(names.length).toBe(256);
    const parts = await Promise.all(names.map((name) => readFile(join(cwd, 'out', name))));
    expect(sortedLines(Buffer.concat(parts))).toEqual(sortedLines(input));
  });

  test('30 stages one behind the other keep the order', async () => {
    const input = rows(20_000);
    const cwd = await scratch({ 'in.csv': input });
    const printed = await output([...Array.from({ length: 30 }, () => ['-s', 'cat']).flat(), '--src', 'in.csv', '--workers', '3'], { cwd });
    expect(printed.equals(input)).toBe(true);
  });

  test('12 stages with a shuffle between any two', async () => {
    const input = rows(20_000);
    const cwd = await scratch({ 'in.csv': input });
    const printed = await output([...Array.from({ length: 12 }, () => ['-s', 'cat @line:5']).flat(), '--src', 'in.csv', '--format', 'lines', '--workers', '3'], { cwd });
    expect(sortedLines(printed)).toEqual(sortedLines(input));
  });
});

test('a long line of jobs leaves no files behind in the temporary folder', async () => {
  const cwd = await scratch({ 'tmp/keep': '' });
  const { text, stderr } = await runBash(`export TMPDIR=$PWD/tmp; for job in 1 2 3; do echo tuple | rainstorm run --quiet -s 'cat :3'; done`, { cwd });
  expect([text, stderr]).toEqual(['tuple\n'.repeat(3), '']);
  // Node keeps compiled code there, once for all.
  expect((await readdir(join(cwd, 'tmp'))).filter((name) => name !== 'node-compile-cache')).toEqual(['keep']);
});

/** How many bytes of the source were read, by each progress line. */
function sourceDone(stderr: string): number[] {
  const lines = stderr.split('\n').slice(0, -1).filter((line) => line.startsWith('{"event":"progress"'));
  return lines.map((line) => (JSON.parse(line) as { sourceDoneBytes: number }).sourceDoneBytes);
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
