import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { showLogs, type ShowLogsOptions } from '../../src/cli/logs.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { cluster, dataFolder, deadJob, endedJob, failureOf, screen, writeLogs } from './harness.ts';

const T = '2025-03-01T12:00:00.000Z';
const EVERY_TASK = ['0-0', '1-0', '1-1', '2-0', '3-0'];

async function shown(dataDir: string, options: Partial<ShowLogsOptions> = {}): Promise<{ out: string; err: string }> {
  const { terminal, out, err } = screen();
  await showLogs({ dataDir, follow: false, json: false, ...options }, terminal);
  return { out: out(), err: err() };
}

/** The command line of a process that shows logs. */
function showing(options: ShowLogsOptions): string[] {
  const module = new URL('../../src/cli/logs.ts', import.meta.url);
  return ['--input-type=module', '-e', `import { showLogs } from '${module.href}'; await showLogs(${JSON.stringify(options)});`];
}

async function logOf(dataDir: string, job: string, task: string): Promise<string> {
  return await readFile(join(jobFolder(dataDir, job), 'logs', `${task}.log`), 'latin1');
}

describe('of an ended job', () => {
  test('all logs are shown by stage and index, each line behind its task', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a', {}, { '10-0': `${T} END x\n`, '2-10': 'c\n', '2-9': 'a\nb\n', 'notes': 'x\n' });
    expect((await shown(dataDir, { job: 'a' })).out).toBe(`2-9 a\n2-9 b\n2-10 c\n10-0 ${T} END x\n`);
  });

  test('one log is shown with its bytes as they are', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a', {}, { '1-0': Buffer.from([0xff, 0x0d, 0x0a, 0x0a, 0xc3]), '2-0': 'x\n' });
    expect((await shown(dataDir, { job: 'a', task: '1-0' })).out).toBe('\xff\r\n\n\xc3\n');
  });

  test('the newest is taken if none is live, and that is said', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, '1', {}, { '1-0': 'old\n' });
    await deadJob(dataDir, '2');
    await writeLogs(dataDir, '2', { '1-0': 'new\n' });
    expect(await shown(dataDir)).toEqual({ out: '1-0 new\n', err: 'rainstorm: no job is live; these are the logs of the newest, 2 (died)\n' });
    expect(await shown(dataDir, { job: '1', follow: true })).toEqual({ out: '1-0 old\n', err: '' });
  });

  test('lines are picked and taken apart', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a', {}, { '1-0': `${T} START x\n${T} OUTPUT 1-0#0 Bär\n`, '2-0': `${T} OUTPUT 2-0#0 BAR\n` });
    expect((await shown(dataDir, { job: 'a', grep: 'OUTPUT .*[äA]' })).out).toBe(Buffer.from(`1-0 ${T} OUTPUT 1-0#0 Bär\n2-0 ${T} OUTPUT 2-0#0 BAR\n`).toString('latin1'));
    expect((await shown(dataDir, { job: 'a', grep: 'BAR', json: true })).out).toBe(`{"task":"2-0","time":"${T}","event":"OUTPUT","text":"2-0#0 BAR"}\n`);
  });

  test('logs that lie elsewhere are said to', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a');
    const { out, err } = await shown(dataDir, { job: 'a' });
    expect(out).toBe('');
    expect(err).toContain('no logs of job a are in');
  });
});

describe('of a live job', () => {
  test('the logs come from the worker that has them', async () => {
    const { dataDir, submit } = await cluster();
    await submit('a');
    const { out } = await shown(dataDir);
    expect([...new Set(out.trimEnd().split('\n').map((line) => line.split(' ')[0]))]).toEqual(EVERY_TASK);
    const one = await shown(dataDir, { task: '2-0', grep: 'START' });
    expect(one.out).toMatch(/^\S+Z START attempt=1 pid=\d+ .*tr a-z A-Z.*\n$/);
  });

  test('followed until it is cancelled, every line is shown, the last ones too', async () => {
    const { dataDir, leader, submit } = await cluster({ workers: 2 });
    await submit('a');
    const { terminal, out } = screen();
    const following = showLogs({ dataDir, follow: true, json: false }, terminal);
    await expect.poll(() => out().includes('2-0 ')).toBe(true);
    await leader.cancelAll();
    await following;
    for (const task of EVERY_TASK) {
      const lines = out().split('\n').filter((line) => line.startsWith(`${task} `)).map((line) => `${line.slice(4)}\n`);
      expect(lines.join('')).toBe(await logOf(dataDir, 'a', task));
    }
  });

  test('a leader that is gone before it has sent everything costs no line', async () => {
    const { dataDir, leader, server, submit } = await cluster();
    await submit('a');
    const { terminal, out, err } = screen();
    const following = showLogs({ dataDir, task: '2-0', follow: true, json: false }, terminal);
    await expect.poll(() => out()).toContain('OUTPUT');
    await leader.cancelAll();
    await server.close();
    await following;
    expect(out()).toBe(await logOf(dataDir, 'a', '2-0'));
    expect(err()).toBe('');
  });

  test('a leader that is gone while its job is not is told, after what there is', async () => {
    const { dataDir, server, submit } = await cluster();
    await submit('a');
    const { terminal, out, err } = screen();
    const following = showLogs({ dataDir, task: '2-0', follow: true, json: false }, terminal);
    await expect.poll(() => out()).toContain('OUTPUT');
    await server.close();
    await following;
    expect(err()).toMatch(/^rainstorm: the log of task 2-0 can no longer be followed: .*aborted/);
    expect((await logOf(dataDir, 'a', '2-0')).startsWith(out())).toBe(true);
  });

  test('a job that waits for its workers has no logs yet; who follows gets them when it ends', async () => {
    const { dataDir, leader, submit } = await cluster({ workers: 0 });
    await submit('a');
    expect(await shown(dataDir)).toEqual({ out: '', err: 'rainstorm: job a still waits for its workers, and has no logs yet\n' });
    const following = shown(dataDir, { follow: true });
    await leader.cancelAll();
    expect((await following).out).toBe('');
  });

  test('the user\'s signal ends the following', async () => {
    const { dataDir, submit } = await cluster();
    await submit('a');
    const interrupt = new AbortController();
    const { terminal, out } = screen();
    const following = showLogs({ dataDir, follow: true, json: false, signal: interrupt.signal }, terminal);
    await expect.poll(() => out()).toContain('OUTPUT');
    interrupt.abort();
    await following;
  });
});

describe('of the leader', () => {
  test('its log is shown while a job lives and after', async () => {
    const { dataDir, leader, submit } = await cluster();
    await submit('a');
    expect((await shown(dataDir, { task: 'leader', grep: ' START job=' })).out).toMatch(/^\S+ START job=a placement=/);
    const following = shown(dataDir, { task: 'leader', follow: true, json: true });
    await leader.cancelAll();
    const events = (await following).out.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(events.at(-1)).toMatchObject({ task: 'leader', event: 'END', text: 'job=a state=cancelled' });
    expect((await shown(dataDir, { task: 'leader', follow: true })).out).toContain('END job=a');
  });
});

describe('what cannot be shown', () => {
  test('a task that is not there is answered with those that are', async () => {
    const { dataDir, submit, leader } = await cluster();
    await submit('a');
    const failure = () => failureOf(() => shown(dataDir, { task: '9-9', job: 'a' }));
    expect(await failure()).toBe('UNKNOWN_TASK job a has no task 9-9\n> Its tasks: 0-0, 1-0 to 1-1, 2-0, 3-0.');
    await leader.cancelAll();
    expect(await failure()).toBe('UNKNOWN_TASK there is no log of a task 9-9 of job a\n> Its tasks: 0-0, 1-0 to 1-1, 2-0, 3-0.');
  });

  test('no job, no leader, a bad expression', async () => {
    const dataDir = await dataFolder();
    expect(await failureOf(() => shown(dataDir))).toContain(`NO_LIVE_JOB no live job in ${dataDir}`);
    expect(await failureOf(() => shown(dataDir, { task: 'leader' }))).toContain(`UNKNOWN_TASK there is no leader's log in ${dataDir}`);
    expect(await failureOf(() => shown(dataDir, { grep: '(' }))).toContain('USAGE --grep ( is no regular expression');
  });

  test('one log that cannot be had does not hide the others', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a', {}, { '2-0': 'x\n' });
    const folder = join(jobFolder(dataDir, 'a'), 'logs');
    await writeFile(join(folder, '1-0.log'), '');
    await rm(join(folder, '1-0.log'));
    spawnSync('mkdir', [join(folder, '1-0.log')]);
    expect(await readdir(folder)).toEqual(['1-0.log', '2-0.log']);
    const { out, err } = await shown(dataDir, { job: 'a' });
    expect(out).toBe('2-0 x\n');
    expect(err).toMatch(/^rainstorm: cannot read the log .*1-0\.log: illegal operation on a directory \(EISDIR\)\n$/);
  });
});

describe('a reader that has gone', () => {
  test('ends it quietly', async () => {
    const dataDir = await dataFolder();
    await endedJob(dataDir, 'a', {}, { '1-0': 'line\n'.repeat(500_000), '2-0': 'x\n' });
    const args = showing({ dataDir, job: 'a', follow: false, json: false });
    const { stdout, stderr } = spawnSync('bash', ['-c', '"$0" "$@" | head -n 1; echo "${PIPESTATUS[0]}"', process.execPath, ...args], { encoding: 'utf8' });
    expect([stdout, stderr]).toEqual(['1-0 line\n0\n', '']);
  });

  test('ends the following of all logs at their next line', async () => {
    const { dataDir, submit } = await cluster();
    await submit('a');
    const viewer = spawn(process.execPath, showing({ dataDir, follow: true, json: false }), { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: Buffer[] = [];
    viewer.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    await once(viewer.stdout, 'data');
    viewer.stdout.destroy();
    expect(await once(viewer, 'exit')).toEqual([0, null]);
    expect(Buffer.concat(said).toString()).toBe('');
  });
});
