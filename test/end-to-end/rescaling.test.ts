/**
 * Numbers of tasks that change while a job runs: by `scale`, by `--autoscale`, and in `demo 3`; the result is the same.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { runCli, scratch, sortedLines, startCli } from './cli.ts';
import { waitFor } from './processes.ts';

// What is waited for has a limit of its own, which says what was waited for.
vi.setConfig({ testTimeout: 120_000 });

const LIMIT_MS = 110_000;

const LINES = Array.from({ length: 6_000 }, (_, line) => `key ${line % 7} line ${line}\n`).join('');

async function tasksOf(cwd: string, stage: number): Promise<number> {
  const { status, text } = await runCli(['tasks', '--json'], { cwd });
  return status === 0 ? (JSON.parse(text) as { stage: number; state: string }[]).filter((task) => task.stage === stage && task.state === 'running').length : 0;
}

async function leaderLog(cwd: string): Promise<string> {
  return await readFile(join(cwd, '.rainstorm', 'logs', 'leader.log'), 'utf8');
}

describe('the number of tasks changes while a job runs', () => {
  test('by scale, up and down, and the result is exact', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const run = startCli(['run', '--quiet', '--workers', '2', '--src', 'in.txt', '--rate', '300', '--dest', 'out', '--stages', 'identity,aggregate=line:2'], { cwd, limitMs: LIMIT_MS });
    await waitFor('tasks', async () => ((await tasksOf(cwd, 2)) === 2 ? true : undefined));
    const scaled = await runCli(['scale', '2', '4'], { cwd });
    expect([scaled.status, scaled.text]).toEqual([0, 'stage 2 (aggregate): 2 -> 4 tasks\n']);
    expect(await tasksOf(cwd, 2)).toBe(4);
    const back = await runCli(['scale', '2', '1', '--json'], { cwd });
    expect(JSON.parse(back.text)).toMatchObject({ stage: 2, name: 'aggregate', from: 4, to: 1 });
    expect(await tasksOf(cwd, 2)).toBe(1);
    expect((await run.result).status).toBe(0);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(LINES.trimEnd().split('\n').map((line) => `${line},1`).toSorted());
    expect(await leaderLog(cwd)).toMatch(/ SCALE job=\S+ stage 2: 2 -> 4, on request\n[^]* SCALED job=\S+ stage 2: 2 -> 4, took [\d.]+ s\n/);
  });

  test('of stages that run as one, by the number of any of them', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const run = startCli(['run', '--quiet', '--workers', '2', '--src', 'in.txt', '--rate', '300', '--dest', 'out', '--stages', 'identity:2,filter=key:2'], { cwd, limitMs: LIMIT_MS });
    await waitFor('tasks', async () => ((await tasksOf(cwd, 2)) === 2 ? true : undefined));
    expect((await runCli(['scale', '1', '3'], { cwd })).text).toBe('stage 2 (identity | filter): 2 -> 3 tasks\n');
    expect((await run.result).status).toBe(0);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(LINES.trimEnd().split('\n').toSorted());
  });

  test('by --autoscale, within seconds after the rate has changed', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const run = startCli(['run', '--workers', '2', '--src', 'in.txt', '--rate', '100,5s:600', '--dest', 'out', '--stages', 'identity', '--autoscale', '--lw', '50', '--hw', '200'], { cwd, limitMs: LIMIT_MS });
    const { status, stderr } = await run.result;
    expect(status).toBe(0);
    expect(stderr).toMatch(/^rainstorm: SCALE stage 1: 1 -> [3-6], \d+\/s per task > HW 200, true rate \d+\/s$/m);
    expect(await leaderLog(cwd)).toMatch(/ SCALED job=\S+ stage 1: 1 -> [3-6], took /);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(LINES.trimEnd().split('\n').toSorted());
  });

  test.runIf(Number(process.env['RAINSTORM_TEST_LONG'] ?? 0) > 0)('by --autoscale auto, by how busy an operator is', async () => {
    // Some milliseconds of work for each line, and lines that do not hide in the operator's pipe.
    const long = Array.from({ length: 4_000 }, (_, line) => `${line} ${'x'.repeat(1_000)}\n`).join('');
    const slow = 'stages:\n  - command: "awk \'{ for (i = 0; i < 150000; i++) n += i; print; fflush() }\'"\n    contract: restart\n    autoscale: { max: 3 }\n';
    const cwd = await scratch({ 'in.txt': long, 'slow.yaml': slow });
    const run = startCli(['run', 'slow.yaml', '--workers', '2', '--src', 'in.txt', '--rate', '400', '--dest', 'out', '--autoscale', 'auto'], { cwd, limitMs: LIMIT_MS });
    const { status, stderr } = await run.result;
    expect(status).toBe(0);
    expect(stderr).toMatch(/^rainstorm: SCALE stage 1: 1 -> \d+, needs \d+ % of its time > 80 %/m);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(long.trimEnd().split('\n').toSorted());
  });

  test('in one line of words', async () => {
    const cwd = await scratch({ 'in.txt': LINES });
    const { status, stderr } = await runCli(['1', '1', 'identity', '', 'in.txt', 'out', 'true', 'true', '600', '50', '200'], { cwd, limitMs: LIMIT_MS });
    expect(status).toBe(0);
    expect(stderr).toMatch(/^rainstorm: SCALE stage 1: 1 -> [3-6], /m);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(LINES.trimEnd().split('\n').toSorted());
  });

  test('in demo 3, which says that it has gone up and down', async () => {
    const { status, text } = await runCli(['demo', '3'], { cwd: await scratch(), limitMs: LIMIT_MS });
    expect(text).toMatch(/^The result, \d+ lines, is the same byte for byte/m);
    expect(text).toMatch(/^Stage 2 had 1 -> \d+ -> .* tasks\.$/m);
    expect(status).toBe(0);
  });
});
