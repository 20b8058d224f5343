import { writeFile, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RainstormError } from '../../src/base/errors.ts';
import { findLeftBehind } from '../../src/check/left-behind.ts';
import { failureOf, scratch } from '../connect/scratch.ts';
import { trialsOf, tuples } from './harness.ts';

const LINUX = process.platform === 'linux';

describe('a run of a program', () => {
  test('gives what it printed, its last line closed by a newline as in a job', async () => {
    const trials = trialsOf("printf 'a\\nb'");
    expect(await trials.run(tuples('x'))).toMatchObject({ output: Buffer.from('a\nb\n'), newlineAdded: true, failure: undefined });
    expect((await trialsOf('cat').run(tuples('x', 'y')))).toMatchObject({ output: Buffer.from('x\ny\n'), newlineAdded: false, early: false });
  });

  test('has the environment of a task: byte order, and no random hash seeds', async () => {
    const { output } = await trialsOf('echo $LC_ALL $PYTHONHASHSEED $PERL_HASH_SEED $RAINSTORM_STAGE').run([]);
    expect(output.toString()).toBe('C 0 0 1\n');
  });

  test('tells a crash with its status and its last words', async () => {
    const end = await trialsOf("sh -c 'cat; echo alas >&2; exit 3'").run(tuples('x'));
    expect(end).toMatchObject({ failure: { status: 3 }, lastWords: ['alas'] });
  });

  test('that ends before its input is early, and no failure', async () => {
    const end = await trialsOf('head -n 1').runInPieces(Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'line\n')));
    expect(end).toMatchObject({ early: true, failure: undefined, output: Buffer.from('line\n') });
  });

  test('sees the cuts in its input, when it gets the time to read', async () => {
    const trials = trialsOf("perl -e '$| = 1; print length($_), \"\\n\" while sysread STDIN, $_, 65536'");
    expect((await trials.run(tuples('a', 'bb'))).output.toString()).toBe('5\n');
    expect((await trials.runInPieces(tuples('a', 'bb'), [5_000])).output.toString()).toBe('2\n3\n');
  });
});

describe('what cannot go on for ever', () => {
  test('a program that does not end is ended, and told', async () => {
    const trials = trialsOf('sleep 1000', { timeLimitMs: 200 });
    const error = await failureOf(() => trials.run(tuples('x')));
    expect(error).toMatchObject({ code: 'CHECK_LIMIT', message: '`sleep 1000` has not ended after its input within 0.2 s', hint: expect.stringContaining('--time-limit') });
  });

  test('a program that does not take its input is ended, and told', async () => {
    const trials = trialsOf('sleep 1000', { timeLimitMs: 200 });
    const error = await failureOf(() => trials.runInPieces(Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'line\n'))));
    expect(error.message).toContain('has not taken its input within 0.2 s');
  });

  test('a program that prints without end is ended, and told', async () => {
    const error = await failureOf(() => trialsOf('yes').run([]));
    expect(error).toMatchObject({ code: 'CHECK_LIMIT', message: expect.stringContaining('more than 64 MiB') });
  });

  test('no more runs than there are places for live at a time', async () => {
    const trials = trialsOf('cat');
    let live = 0;
    let most = 0;
    await Promise.all(Array.from({ length: 20 }, () => trials.watch(async (trial) => {
      live += 1;
      most = Math.max(most, live);
      trial.endInput();
      await trial.ended;
      live -= 1;
    })));
    expect(most).toBeLessThanOrEqual(4);
    expect(live).toBe(0);
  });

  test('cancelling ends what runs, and lets nothing begin', async () => {
    const trials = trialsOf('sleep 1000');
    const running = failureOf(() => trials.watch(async (trial) => {
      trials.cancel();
      await trial.ended;
    }));
    expect((await running).code).toBe('CANCELLED');
    expect((await failureOf(() => trials.run([]))).code).toBe('CANCELLED');
  });
});

describe('nothing is left behind', () => {
  test.runIf(LINUX)('not even what has left its process group', async () => {
    // The program goes on when it has left: before that, it would be killed with its group.
    const trials = trialsOf(`sh -c 'setsid sh -c "echo > left; exec sleep 1000" > /dev/null 2>&1 & until [ -e left ]; do :; done; exec cat'`, { cwd: await scratch() });
    const { mark } = trials.subject;
    await trials.run(tuples('x'));
    expect(await findLeftBehind(mark)).toHaveLength(1);
    await trials.close();
    expect(await findLeftBehind(mark)).toEqual([]);
  });

  test.runIf(LINUX)('nor what holds the pipes of a run that was given up', async () => {
    const trials = trialsOf("sh -c 'setsid sleep 1000 & exec cat'", { timeLimitMs: 500 });
    expect((await failureOf(() => trials.run(tuples('x')))).code).toBe('CHECK_LIMIT');
    await trials.close();
    expect(await findLeftBehind(trials.subject.mark)).toEqual([]);
  });

  test.runIf(LINUX)('nor any file or descriptor', async () => {
    const folder = await scratch();
    const trials = trialsOf('cat', { cwd: folder });
    await trials.run(tuples('x'));
    const files = async () => (await readdir(tmpdir())).filter((name) => /^rainstorm-\w{6}$/.test(name));
    const before = { files: await files(), descriptors: (await readdir('/proc/self/fd')).length };
    for (let round = 0; round < 5; round++) await trials.run(tuples('x'));
    await expect.poll(async () => (await readdir('/proc/self/fd')).length, { interval: 5 }).toBeLessThanOrEqual(before.descriptors);
    expect(await readdir(folder)).toEqual([]);
  });
});

test('a command that is not there is told before anything runs', async () => {
  expect(() => trialsOf('not-there-at-all | cat')).toThrow(expect.objectContaining({ code: 'COMMAND_NOT_FOUND' }) as RainstormError);
  const folder = await scratch();
  await writeFile(join(folder, 'no-program'), '');
  expect(() => trialsOf('./no-program', { cwd: folder })).toThrow(/not executable/);
});
