import { open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { tryJob, type TryFlags } from '../../src/cli/try.ts';
import { processesGone } from '../end-to-end/processes.ts';
import { runBash, runCli, startCli } from '../end-to-end/cli.ts';
import { dataFolder, failureOf, screen } from './harness.ts';

const ROWS = ['id,zone', '1,Stop', '2,"North, Stop"', '3,Go', '4,Stop'];

async function source(lines: readonly string[] = ROWS, name = 'in.csv'): Promise<string> {
  const path = join(await dataFolder(), name);
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

async function tried(flags: Partial<TryFlags>, width = 120): Promise<{ status: number; out: string; err: string; json: () => unknown }> {
  const { terminal, out, err } = screen();
  const utf8 = (text: string) => Buffer.from(text, 'latin1').toString();
  const status = await tryJob(undefined, { tuples: 10, json: false, ...flags }, terminal, width);
  return { status, out: utf8(out()), err: utf8(err()), json: () => JSON.parse(utf8(out())) as unknown };
}

describe('what people see', () => {
  test('each stage beside the one before, with counts, keys and tasks', async () => {
    const { status, out, err } = await tried({ stages: 'filter=Stop,aggregate=zone:3', src: [await source()] });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const [titles, counts, ways, , ...rows] = out.split('\n').map((line) => line.split(' │ ').map((cell) => cell.trim()));
    expect(titles?.slice(1)).toEqual(['1 filter=Stop', '2 aggregate=zone']);
    expect(counts).toEqual(['4 read', '4 in, 3 out', '3 in, 2 out']);
    expect(ways).toEqual(['', '', '3 tasks, by column 2']);
    // The header is shown, and is no tuple.
    expect(rows.map(([cell]) => cell).slice(0, 2)).toEqual(['id,zone', '1,Stop']);
    expect(rows[0]?.[1]).toMatch(/^1,Stop +Stop → 2-\d$/);
    expect(rows[1]?.[1]).toMatch(/^2,"North, Stop" +North, Stop → 2-\d$/);
    expect(rows.map(([, , cell]) => cell).slice(0, 2)).toEqual(['"North, Stop",1', 'Stop,2']);
  });

  test('a stage that prints nothing, with what it ended with', async () => {
    const { status, out } = await tried({ stage: ['grep nothing-like-it', 'cat'], src: [await source()] }, 200);
    expect(status).toBe(0);
    expect(out).toContain('no output; at the end of input it exited with');
    expect(out).toContain('which is no failure');
  });

  test('what it says on stderr stands under it', async () => {
    const { out } = await tried({ stage: ["sh -c 'cat; echo careful now >&2'"], src: [await source()] }, 200);
    expect(out).toMatch(/│ stderr:\n.*│ careful now\n/);
  });

  test('of many lines that one makes the first ones, and how many more there are', async () => {
    const { out } = await tried({ stage: ['seq 1000'], src: [await source()] }, 200);
    expect(out).toContain('in, 1000 out');
    expect(out).toContain('… and 960 more');
  });
});

describe('a stage in which a job would fail', () => {
  test('is told with its status, its stderr and what to do; the stages behind it are not run', async () => {
    const { status, out, err } = await tried({ stage: ["sh -c 'cat; echo oh no >&2; exit 3'", 'cat'], src: [await source()] }, 200);
    expect(status).toBe(1);
    expect(out).toMatch(/│ exited with status 3 +│\n.*│ stderr: +│\n.*│ oh no +│\n/);
    expect(out).toContain('not run');
    expect(err).toMatch(/^rainstorm: stage 1 \(sh\): .* exited with status 3\n {2}A job fails there\..*--ok-exit 1=3\n$/);
  });

  test('is none where its status is allowed', async () => {
    expect((await tried({ stage: ["sh -c 'cat; exit 3'"], okExit: ['1=3'], src: [await source()] })).status).toBe(0);
  });

  test('is one that takes too long, of which nothing is left', async () => {
    const mark = `sleep 1000.${process.pid}`;
    const { status, err } = await tried({ stage: [mark], src: [await source()], timeLimit: 0.3 });
    expect(status).toBe(1);
    expect(err).toContain('has not ended after its input within 0.3 s\n  A stage reads its stdin');
    await processesGone(mark);
  });

  test('is one that prints without end; what it printed is shown', async () => {
    const { status, out, err } = await tried({ stage: ['yes'], src: [await source()] });
    expect(status).toBe(1);
    expect(out).toMatch(/│ y\n/);
    expect(err).toContain('has printed more than 4 MiB');
  });

  test('is one that dies of a signal, or closes a quote nowhere', async () => {
    expect((await tried({ stage: ["bash -c 'cat; kill -9 $$'"], src: [await source()] })).err).toContain('died of SIGKILL');
    // What an operator makes of CSV is CSV.
    expect((await tried({ stage: ['replace=/Go/"/'], src: [await source()] })).err).toContain('the output of stage 1 (replace): the quote opened on line 4 is never closed');
  });
});

test('a command that is not there is told before anything runs', async () => {
  const src = [await source()];
  expect(await failureOf(() => tried({ stage: ['cat', 'not-there-at-all'], src }))).toContain('COMMAND_NOT_FOUND stage 2 (not-there-at-all)');
});

test('JSON has all of it', async () => {
  const { json } = await tried({ json: true, tuples: 2, header: true, stage: ['cat @2:3', 'head -n 1'], src: [await source()] });
  expect(json()).toMatchObject({
    header: 'id,zone',
    tuples: ['1,Stop', '2,"North, Stop"'],
    stages: [
      { stage: 1, name: 'cat', program: 'cat', tasks: 3, inTuples: 2, keys: [{ key: 'Stop', task: expect.any(Number) }, { key: 'North, Stop', task: expect.any(Number) }], outTuples: 2, status: 0, failure: null },
      { stage: 2, program: 'head -n 1', keys: null, inTuples: 2, tuples: ['1,Stop'], early: expect.any(Boolean) },
    ],
  });
});

describe('the command', { timeout: 60_000 }, () => {
  test('reads no more of stdin than it needs, and leaves nothing in the folder', async () => {
    const cwd = await dataFolder();
    const { status, text } = await runBash("yes 'a b' | rainstorm try -n 3 -s flatmap -s 'sort | uniq -c @line:2' --dest out --workers 2", { cwd });
    expect(status).toBe(0);
    expect(text).toContain('3 read');
    expect(text).toMatch(/│ +3 a\n/);
    expect(await readdir(cwd)).toEqual([]);
  });

  test('runs an operator as a job would: byte order, and its place in variables', async () => {
    const { text } = await runCli(['try', '--json', '-s', "sh -c 'cat >/dev/null; echo $LC_ALL $RAINSTORM_STAGE $RAINSTORM_TASK $RAINSTORM_TASKS' :3"], { cwd: await dataFolder(), input: 'x\n', env: { RAINSTORM_TOKEN: 'secret' } });
    expect(JSON.parse(text)).toMatchObject({ stages: [{ tuples: ['C 1 0 1'] }] });
  });

  test('takes a job file', async () => {
    const cwd = await dataFolder();
    await writeFile(join(cwd, 'job.yaml'), 'stages:\n  - command: cat\n    env: { HELLO: there }\n  - command: sh -c "cat; echo $HELLO"\n    env: { HELLO: there }\n');
    const { status, text } = await runCli(['try', 'job.yaml', '--json'], { cwd, input: 'x\n' });
    expect(status).toBe(0);
    expect(JSON.parse(text)).toMatchObject({ stages: [{ tuples: ['x'] }, { tuples: ['x', 'there'] }] });
  });

  test('Ctrl-C ends it while it waits for a pipe into which nobody writes', async () => {
    const cwd = await dataFolder();
    await execa('mkfifo', [join(cwd, 'pipe')]);
    const running = startCli(['try', '-s', 'cat', '--src', 'pipe'], { cwd });
    // Opened as soon as somebody reads.
    const writer = await open(join(cwd, 'pipe'), 'w');
    running.kill('SIGINT');
    expect((await running.result).status).toBe(130);
    await writer.close();
  });

  test('Ctrl-C ends it with status 130, and all that it has started', async () => {
    const mark = `sleep 2000.${process.pid}`;
    const running = startCli(['try', '-s', mark, '--time-limit', '50'], { cwd: await dataFolder() });
    running.stdin.end('x\n');
    await expect.poll(async () => (await runBash(`pgrep -f '^${mark}' || true`, { cwd: '/' })).text, { timeout: 10_000 }).not.toBe('');
    running.kill('SIGINT');
    expect((await running.result).status).toBe(130);
    await processesGone(mark);
  });
});
