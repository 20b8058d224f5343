/** What an operator finds around it, and what its exit status means. */
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { output, runCli, scratch, shell, startCli } from './cli.ts';
import { rows } from './data.ts';
import { waitFor } from './processes.ts';

async function taskLog(cwd: string, task: string): Promise<string> {
  const [job = ''] = await readdir(join(cwd, '.rainstorm', 'jobs'));
  return await readFile(join(cwd, '.rainstorm', 'jobs', job, 'logs', `${task}.log`), 'utf8');
}

/** A job's stdout for one tuple on stdin. */
async function printed(args: readonly string[], options: { cwd?: string; env?: Readonly<Record<string, string>> } = {}): Promise<string> {
  return (await output(args, { cwd: options.cwd ?? (await scratch()), input: 'tuple\n', env: options.env ?? {} })).toString();
}

describe('exit statuses', () => {
  test('one that is not allowed fails the job; --ok-exit and okExit allow it', async () => {
    const cwd = await scratch({ 'job.yaml': "stages:\n  - command: 'cat; exit 7'\n    okExit: [0, 7]\n" });
    const args = ['-s', 'cat', '-s', 'cat; exit 7'];
    const failed = await runCli(['run', ...args], { cwd, input: 'tuple\n' });
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringMatching(/stage 2 \(cat\), task 2-0: .*status 7[^]*--ok-exit 2=7/)]);
    expect(await printed([...args, '--ok-exit', '2=0,7'], { cwd })).toBe('tuple\n');
    expect(await printed(['job.yaml'], { cwd })).toBe('tuple\n');
  });

  test('an allowed one other than 0 counts only at the end of the input', async () => {
    const cwd = await scratch({ 'in.txt': 'x\n'.repeat(200_000) });
    const early = await runCli(['run', '-s', 'head -n 1; exit 7', '--ok-exit', '1=7', '--src', 'in.txt'], { cwd });
    expect([early.status, early.stderr]).toEqual([1, expect.stringMatching(/stage 1 \(head\).*status 7 before its input ended/)]);
  });

  test('in a chain each place counts, as under pipefail', async () => {
    const cwd = await scratch();
    const middle = await runCli(['run', '-s', 'cat | sh -c "cat; exit 4" | cat'], { cwd, input: 'tuple\n' });
    expect([middle.status, middle.stderr]).toEqual([1, expect.stringMatching(/`sh -c .*` exited with status 4/)]);
    expect(await printed(['-s', 'cat | grep nothing | cat'], { cwd })).toBe('');
    expect(await printed(['-s', 'cat | sh -c "cat; exit 4" | cat', '--ok-exit', '1=0,4'], { cwd })).toBe('tuple\n');
  });

  test('shell text runs under bash with pipefail', async () => {
    const cwd = await scratch();
    const failed = await runCli(['run', '-s', 'cat | (cat; exit 5) | cat; true && echo "$BASH_VERSION" > /dev/null'], { cwd, input: 'tuple\n' });
    expect(failed.status).toBe(0);
    const last = await runCli(['run', '-s', ': ; cat | (cat; exit 5) | cat'], { cwd, input: 'tuple\n' });
    expect([last.status, last.stderr]).toEqual([1, expect.stringMatching(/status 5/)]);
    expect(await printed(['-s', 'for word in a b; do echo "$word"; done; yes "$(cat)" | head -n 2'], { cwd })).toBe('a\nb\ntuple\ntuple\n');
  });
});

describe('the environment', () => {
  test('byte order by default; --locale and a stage\'s own env say otherwise', async () => {
    const cwd = await scratch({ 'job.yaml': "stages:\n  - command: [sh, -c, 'cat > /dev/null; echo $LC_ALL $COLOUR']\n    env: { LC_ALL: POSIX, COLOUR: red }\n" });
    const show = "sh -c 'cat > /dev/null; echo $LC_ALL'";
    expect(await printed(['-s', show], { cwd, env: { LC_ALL: 'en_US.UTF-8' } })).toBe('C\n');
    expect(await printed(['-s', show, '--locale', 'C.UTF-8'], { cwd })).toBe('C.UTF-8\n');
    expect(await printed(['job.yaml', '--locale', 'C.UTF-8'], { cwd })).toBe('POSIX red\n');
  });

  test('job, stage, task and the number of tasks are told', async () => {
    const cwd = await scratch();
    const show = 'sh -c \'cat > /dev/null; echo "$RAINSTORM_STAGE $RAINSTORM_TASK $RAINSTORM_TASKS $RAINSTORM_JOB"\' :3';
    const lines = (await printed(['-s', 'cat', '-s', show], { cwd })).trimEnd().split('\n');
    const [job = ''] = await readdir(join(cwd, '.rainstorm', 'jobs'));
    expect(lines.toSorted()).toEqual([`2 0 3 ${job}`, `2 1 3 ${job}`, `2 2 3 ${job}`]);
  });

  test('what the user exports is inherited, and hash seeds are fixed', async () => {
    const show = 'sh -c \'cat > /dev/null; echo "$FLOWER $PYTHONHASHSEED $PERL_HASH_SEED"\'';
    expect(await printed(['-s', show], { env: { FLOWER: 'rose' } })).toBe('rose 0 0\n');
  });

  test('neither the token nor the secret of the job is in it, or among arguments', async () => {
    const token = 'a-token-nobody-should-see';
    const own = await printed(['-s', 'env; ps -A -ww -o args='], { env: { RAINSTORM_TOKEN: token } });
    expect(own).toMatch(/^RAINSTORM_JOB=/m);
    expect(own).not.toMatch(/^RAINSTORM_TOKEN=/m);
    expect(own).not.toContain(token);
    // The run's own token has 64 hexadecimal digits, as has the secret.
    expect(own).not.toMatch(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/);
  });

  test('commands run in the folder of the command, or in a stage\'s own', async () => {
    const cwd = await scratch({ 'sub/words.txt': 'rose\n', 'words.txt': 'tulip\n', 'job.yaml': 'stages:\n  - command: cat - words.txt\n    cwd: sub\n' });
    expect(await printed(['-s', 'cat - words.txt'], { cwd })).toBe('tuple\ntulip\n');
    expect(await printed(['job.yaml'], { cwd })).toBe('tuple\nrose\n');
  });

  test('a command as a list is started as it is, without a shell', async () => {
    const cwd = await scratch({ 'job.yaml': "stages:\n  - command: [awk, '{ print \"$HOME | \" $1 }']\n" });
    expect(await printed(['job.yaml'], { cwd })).toBe('$HOME | tuple\n');
  });
});

describe('streams', () => {
  test('stdin, stdout and stderr are real pipes', async () => {
    const cwd = await scratch();
    expect(await printed(['-s', 'cat /dev/stdin'], { cwd })).toBe('tuple\n');
    expect(await printed(['-s', 'tee /dev/stderr'], { cwd })).toBe('tuple\n');
    expect(await printed(['-s', 'sh -c "cat > /dev/stdout"'], { cwd })).toBe('tuple\n');
    expect(await printed(['-s', 'cat /dev/stdin | tee /dev/stderr | cat /dev/stdin'], { cwd })).toBe('tuple\n');
  });

  test('stderr goes to the task\'s log, line by line', async () => {
    const cwd = await scratch();
    await printed(['-s', 'tee /dev/stderr; printf "no newline" >&2'], { cwd });
    const log = await taskLog(cwd, '1-0');
    expect(log).toMatch(/^\S+ STDERR tuple$/m);
    expect(log).toMatch(/^\S+ STDERR no newline$/m);
    expect(log).toMatch(/^\S+ EXIT .*status 0$/m);
  });

  test('the last lines of stderr are shown when it fails, no more', async () => {
    const cwd = await scratch();
    const { status, stderr } = await runCli(['run', '-s', 'cat; seq -f "complaint %g" 1 5000 >&2; exit 9'], { cwd, input: 'tuple\n' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/its last lines on stderr:\n {4}complaint 4991\n(?: {4}complaint \d+\n){8} {4}complaint 5000\n/);
    expect(stderr).not.toContain('complaint 4990');
    expect(await taskLog(cwd, '1-0')).toContain(' STDERR complaint 1\n');
  });

  test('a flood on stderr holds nothing up', async () => {
    const cwd = await scratch({ 'in.txt': 'x\n'.repeat(1_000) });
    const args = ['-s', 'seq 1 300000 >&2; cat', '--src', 'in.txt'];
    expect((await output(args, { cwd })).toString()).toBe('x\n'.repeat(1_000));
  });

  test('--line-buffered shows each line at once', async () => {
    const cwd = await scratch();
    const run = startCli(['run', '--quiet', '--line-buffered', '-s', 'grep -v nothing', '-s', 'cut -c 1-3'], { cwd });
    const chunks: Buffer[] = [];
    run.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    for (const line of ['first', 'second', 'third']) {
      run.stdin.write(`${line}\n`);
      await waitFor(`the tuple ${line}`, () => (Buffer.concat(chunks).toString().endsWith(`${line.slice(0, 3)}\n`) ? true : undefined));
    }
    run.stdin.end();
    expect((await run.result).status).toBe(0);
  });

  test('an operator that prints without reading, and one that reads without printing', async () => {
    const cwd = await scratch({ 'in.txt': 'x\n'.repeat(100_000) });
    expect((await output(['-s', 'seq 1 3', '--src', 'in.txt'], { cwd })).toString()).toBe('1\n2\n3\n');
    expect((await output(['-s', 'cat > /dev/null', '--src', 'in.txt'], { cwd })).length).toBe(0);
  });
});

describe('programs of every kind', () => {
  const file = rows(2_000);

  test.each([
    ['awk', `awk -F, '{ n[$NF]++ } END { for (s in n) print s, n[s] }'`],
    ['sed', `sed -n '2,5p'`],
    ['perl', `perl -ne 'print if /lost/'`],
    ['sort', 'sort -t, -k5,5 -s | uniq -c | tail -n 3'],
  ])('%s prints what it prints in a shell', async (_, command) => {
    const cwd = await scratch({ 'in.csv': file });
    const here = await output(['-s', command, '--src', 'in.csv'], { cwd });
    expect(here).toEqual(await shell(`cat in.csv | ${command}`, cwd));
  });

  test('operators of ours are programs by themselves and work in a stage alike', async () => {
    const cwd = await scratch({ 'in.csv': file });
    const counted = await output(['--stages', 'aggregate=4', '--src', 'in.csv', '--format', 'lines'], { cwd });
    const { status, stdout } = await runCli(['run', '--quiet', '-s', 'aggregate=4', '--format', 'lines'], { cwd, input: file });
    expect(status).toBe(0);
    expect(stdout).toEqual(counted);
  });
});
