import { describe, expect, test } from 'vitest';
import { fileURLToPath } from 'node:url';
import { widthOf } from '../../src/cli/cells.ts';
import { cluster, pidsOf } from '../cli/harness.ts';
import { runCli, scratch, startCli } from './cli.ts';
import { startLeader, startWorker } from './cluster.ts';
import { hasPseudoTerminals, KEYS, openTerminal, type PseudoTerminal } from './pseudo-terminal.ts';
import { processesWith } from './processes.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

const LIMIT_MS = 60_000;

function openTop(dataDir: string, args: readonly string[] = [], size: { columns?: number; rows?: number } = {}, env: Readonly<Record<string, string>> = {}): PseudoTerminal {
  const command = [process.execPath, MAIN, 'top', '--data-dir', dataDir, ...args].join(' ');
  return openTerminal(`${command}; echo "status $?"; stty -a | grep -o -- '-\\?icanon'`, { mark: dataDir, cwd: '/', ...size, env });
}

/** The terminal is the user's again: screen, cursor, and a line editor. */
async function endsWith(terminal: PseudoTerminal, status: number): Promise<void> {
  await terminal.ended;
  expect(terminal.printed().trim().split(/\s*\n/)).toEqual([`status ${status}`, 'icanon']);
  expect({ other: terminal.isOtherScreen(), cursor: terminal.isCursorShown() }).toEqual({ other: false, cursor: true });
}

describe.skipIf(!hasPseudoTerminals)('in a terminal', { timeout: LIMIT_MS }, () => {
  test('a task is killed when that is confirmed, its log shown, and the terminal given back', async () => {
    const there = await cluster();
    await there.submit('a');
    const [pid] = await pidsOf(there.client, 'a');
    const terminal = openTop(there.dataDir);
    await terminal.shows(/^rainstorm top {2}a +running .*\n(?:.*\n)*.*TASK▲(?:.*\n)*> 0-0 +source/);
    terminal.type(KEYS.down);
    await terminal.shows(/\n> 1-0 /);

    terminal.type('k');
    await terminal.shows(new RegExp(`kill task 1-0 \\(cat, pid ${pid}, w1\\)\\? y / n$`));
    terminal.type('n');
    await terminal.shows(/nothing was killed$/);
    expect((await pidsOf(there.client, 'a'))[0]).toBe(pid);

    terminal.type('ky');
    await terminal.shows(new RegExp(`killed task 1-0, pid ${pid}$`));
    await expect.poll(async () => (await pidsOf(there.client, 'a'))[0]).not.toBe(pid);

    terminal.type('l');
    const log = await terminal.shows(/log of task 1-0 +following\n(?:.*\n)*.* KILLED (?:.*\n)*.* RESTART attempt=2/);
    expect(log).toMatch(/Esc back$/);
    terminal.type(KEYS.up);
    await terminal.shows(/ line \d+ of \d+\n/);
    // Esc and another key that come together are two keys.
    terminal.type(`${KEYS.escape}o`);
    await terminal.shows(/STATE▲(?:.*\n)*.*q quit$/);
    terminal.type('q');
    await endsWith(terminal, 0);
  });

  test('it is drawn anew for another size, and a refusal to scale says why', async () => {
    const there = await cluster();
    await there.submit('a');
    const terminal = openTop(there.dataDir, [], { columns: 100, rows: 30 });
    await terminal.shows(/WORKER +TRY/);
    await terminal.resize(60, 12);
    const small = await terminal.shows(/^(?:.*\n){11}.*q quit$/);
    for (const line of small.split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(60);
    expect(small).toContain('> 0-0');
    terminal.type(`${KEYS.down}s`);
    await terminal.shows(/stage 1 \(cat\) has 2; how many tasks\? _$/);
    terminal.type(`3${KEYS.enter}`);
    await terminal.shows(/stage 1 \(cat\) cannot have another number of tasks: .*$/);
    terminal.type('w');
    await terminal.shows(/workers\n.*WORKER +CPU +MEMORY +TASKS.*\n {2}w1 +\d+% /);
    terminal.type(KEYS.ctrlC);
    await endsWith(terminal, 0);
  });

  test('a signal gives the terminal back, too', async () => {
    const there = await cluster();
    await there.submit('a');
    const terminal = openTop(there.dataDir, [], {}, { NO_COLOR: '1' });
    await terminal.shows(/> 0-0/);
    const [top] = (await processesWith(there.dataDir)).filter(({ args }) => args.startsWith(process.execPath));
    process.kill(top?.pid ?? 0, 'SIGTERM');
    await endsWith(terminal, 143);
  });

  test('of several jobs one is chosen', async () => {
    const there = await cluster();
    await there.submit('a');
    await there.submit('b');
    const terminal = openTop(there.dataDir);
    await terminal.shows(/live jobs\n.*JOB(?:.*\n)*> b +running.*\n {2}a +running/);
    terminal.type(KEYS.down + KEYS.enter);
    await terminal.shows(/^rainstorm top {2}a +running/);
    terminal.type('w');
    await terminal.shows(/^rainstorm top +workers/);
    // One step back each.
    terminal.type(KEYS.escape);
    await terminal.shows(/^rainstorm top {2}a +running/);
    terminal.type(KEYS.escape);
    await terminal.shows(/live jobs/);
    terminal.type('q');
    await endsWith(terminal, 0);
  });

  test('a leader that goes away is waited for, and how the job ended is shown', async () => {
    const cwd = await scratch({ 'in.txt': 'x\n'.repeat(2_000) });
    const leader = await startLeader(cwd);
    await startWorker(cwd, leader, 'w1');
    const run = startCli(['run', '--leader', leader.url, '-s', 'cat', '--src', 'in.txt', '--dest', 'out', '--rate', '20', '--quiet'], { cwd, env: { RAINSTORM_TOKEN: leader.token } });
    await expect.poll(async () => (await runCli(['tasks', '--data-dir', leader.dataDir], { cwd })).text, { timeout: 20_000 }).toMatch(/1-0 +cat +running/);
    const terminal = openTop(leader.dataDir);
    await terminal.shows(/> 0-0 +source +running/);
    leader.cli.kill('SIGKILL');
    await terminal.shows(/leader is gone; waiting … .*\n(?:.*\n)*> 0-0/);
    startCli(['leader', '--resume', '--data-dir', leader.dataDir], { cwd, env: { RAINSTORM_TOKEN: leader.token } });
    await terminal.shows(/^rainstorm top .* running (?!(?:.*\n)*leader is gone)/);
    await runCli(['cancel', '--data-dir', leader.dataDir], { cwd });
    await terminal.shows(/^rainstorm top .* cancelled /);
    terminal.type('q');
    await endsWith(terminal, 0);
    run.kill('SIGKILL');
  });
});

test('elsewhere it is plain text, once', { timeout: LIMIT_MS }, async () => {
  const there = await cluster();
  await there.submit('a');
  const { status, text, stderr } = await runCli(['top', '--data-dir', there.dataDir], { cwd: '/' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(text).toMatch(/^a {2}running {2}0:\d\d\n/);
  expect(text).toMatch(/\n1-1 +cat +running /);
  expect(text).not.toContain('\u001B');
  const { text: json } = await runCli(['top', '--data-dir', there.dataDir, '--json'], { cwd: '/' });
  expect(JSON.parse(json)).toMatchObject({ view: { job: 'a' }, tasks: expect.arrayContaining([expect.objectContaining({ stage: 1, index: 1 })]) });
  const none = await runCli(['top', '--data-dir', '/nowhere'], { cwd: '/' });
  expect(none).toMatchObject({ status: 2, stderr: expect.stringContaining('no live job') });
});
