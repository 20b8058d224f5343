import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { check, type CheckOptions } from '../../src/cli/check.ts';
import { processesAppear, processesGone } from '../end-to-end/processes.ts';
import { startCli } from '../end-to-end/cli.ts';
import { dataFolder, failureOf, screen } from './harness.ts';

const LIMIT_MS = 90_000;

async function sampleFile(lines: readonly string[]): Promise<string> {
  const path = join(await dataFolder(), 'sample');
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const LINES = Array.from({ length: 20 }, (_, index) => `k${index % 3} ${index % 4}`);

async function run(text: string, options: Partial<CheckOptions> = {}): Promise<{ status: number; out: string }> {
  const { terminal, out } = screen();
  const status = await check(text, { json: false, sample: await sampleFile(LINES), ...options }, terminal);
  return { status, out: out() };
}

describe('what people read', { timeout: LIMIT_MS }, () => {
  test('every check with its verdict, an example of each no, the contracts and the line to write', async () => {
    const { status, out } = await run("awk '{ print ++n, $0 }'");
    expect(status).toBe(0);
    expect(out).toMatch(/^awk '\{ print \+\+n, \$0 \}'\n {2}tried on sample; its first tuples twice\n\nCHECK +VERDICT +WHY\ndeterministic +yes/);
    expect(out).toMatch(/\nstateless, for example these 2 tuples, cut into 2 parts, each run by itself:\n {4}k\d \d\n {4}k\d \d\n {2}expected {2}2 k.*\n {2}got {7}1 k.*\n/);
    expect(out).toMatch(/\ncontracts it satisfies: replay\nin the stage's YAML: contract: replay\n\(or contract: snapshot, .*\)\n$/);
  });

  test('a program of which nothing can be said is not called wrong', async () => {
    const { status, out } = await run('grep nothing-like-it');
    expect(status).toBe(1);
    expect(out).toContain('contracts it satisfies: none\nNothing can be said of it: give it something to print with --sample FILE.\n');
  });
});

describe('the exit status', { timeout: LIMIT_MS }, () => {
  test('is 0 for a program that can at least be replayed, and 1 for one that cannot', async () => {
    expect((await run('sort')).status).toBe(0);
    const random = await run('while read -r line; do echo "$RANDOM"; done');
    expect(random.status).toBe(1);
    expect(random.out).toContain('A job that has to be exact cannot use it as it is.');
  });

  test('is that of the contract that is asked for', async () => {
    expect((await run('sort', { contract: 'fold' })).status).toBe(0);
    expect((await run('sort', { contract: 'restart' })).status).toBe(1);
  });

  test('statuses that the stage allows are no failure', async () => {
    const failing = "sh -c 'cat; exit 5'";
    expect((await run(failing)).status).toBe(1);
    expect((await run(failing, { okExit: '5' })).status).toBe(0);
  });
});

test('as JSON it says the same', { timeout: LIMIT_MS }, async () => {
  const { out } = await run('cut -c2-', { json: true });
  expect(JSON.parse(out)).toMatchObject({
    command: 'cut -c2-',
    samples: ['sample', 'its first tuples twice'],
    contracts: ['replay', 'restart'],
    yaml: 'contract: restart',
    checks: expect.arrayContaining([
      { check: 'stateless', verdict: 'yes', why: expect.any(String) },
      { check: 'foldable', verdict: 'no', why: expect.any(String), example: expect.objectContaining({ inputTuples: 1 }) },
    ]),
  });
});

describe('what is wrong with the request is told at once', () => {
  test.each([
    ['', 'STAGE_SYNTAX'],
    ['fliter=x', 'UNKNOWN_OPERATOR'],
    ['not-there-at-all', 'COMMAND_NOT_FOUND'],
    ['sum=nowhere/1', 'UNKNOWN_COLUMN'],
  ])('%j: %s', async (text, code) => {
    expect(await failureOf(() => check(text, { json: false }, screen().terminal))).toContain(code);
  });

  test('a bad exit status, a sample that is not there', async () => {
    expect(await failureOf(() => check('cat', { json: false, okExit: '256' }, screen().terminal))).toContain('USAGE "256"');
    expect(await failureOf(() => check('cat', { json: false, sample: '/not/there' }, screen().terminal))).toContain('SOURCE_NOT_FOUND');
  });

  test('a program that hangs', async () => {
    expect(await failureOf(() => check('sleep 1000', { json: false, timeLimit: 0.3 }, screen().terminal))).toContain('CHECK_LIMIT `sleep 1000` has not ended after its input within 0.3 s');
  });
});

test('Ctrl-C ends it with status 130, and all that it has started', { timeout: LIMIT_MS }, async () => {
  const folder = await dataFolder();
  const mark = join(folder, 'mark');
  const running = startCli(['check', `sh -c 'sleep 1000; : ${mark}'`], { cwd: folder });
  await processesAppear(`: ${mark}`, 2);
  running.kill('SIGINT');
  const { status, stderr } = await running.result;
  expect({ status, stderr }).toEqual({ status: 130, stderr: 'rainstorm: the check was cancelled\n' });
  await processesGone(mark);
});
