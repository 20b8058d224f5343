/** What a leader and a worker that were started by hand say on stderr. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runCli, scratch } from './cli.ts';
import { startLeader, startWorker } from './cluster.ts';
import { waitFor } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

interface Line {
  readonly level: string;
  readonly time: string;
  readonly name: string;
  readonly pid: number;
  readonly event: string;
  readonly job?: string;
  readonly msg: string;
}

function linesOf(stderr: string): Line[] {
  return stderr.trimEnd().split('\n').map((line) => JSON.parse(line) as Line);
}

test('elsewhere than on a terminal each event is a line of JSON, and the log file has it too', async () => {
  const cwd = await scratch({ 'in.txt': 'a\n' });
  const leader = await startLeader(cwd);
  const worker = await startWorker(cwd, leader, 'w1');
  const { status } = await runCli(['run', '--quiet', '--leader', leader.url, '-s', 'false', '--src', 'in.txt', '--dest', 'out', '--workers', '1'], { cwd, env: { RAINSTORM_TOKEN: leader.token } });
  expect(status).toBe(1);
  await waitFor('the end of the worker\'s share', () => (worker.stderrSoFar().includes('"END"') ? true : undefined));
  for (const process of [worker, leader.cli]) {
    process.kill('SIGTERM');
    expect((await process.result).status).toBe(0);
  }
  const [ofLeader, ofWorker] = [linesOf((await leader.cli.result).stderr), linesOf((await worker.result).stderr)];
  const [{ job = '' } = {}] = ofLeader.filter(({ event }) => event === 'END');
  expect(ofLeader[0]).toMatchObject({ level: 'info', name: 'leader', pid: leader.cli.pid, event: 'START', msg: expect.stringContaining(leader.url) });
  expect(Date.parse(ofLeader[0]?.time ?? '')).toBeGreaterThan(Date.now() - 60_000);
  expect(ofLeader.find(({ event }) => event === 'END')).toMatchObject({ level: 'error', msg: expect.stringContaining(`job=${job} state=failed`) });
  expect(ofLeader.map(({ event }) => event)).not.toContain('RATE');
  expect(ofWorker.map(({ name, event }) => `${name} ${event}`)).toEqual(['worker START', 'worker NOTE', 'worker START', 'worker END', 'worker END']);
  expect(ofWorker[2]).toMatchObject({ job, msg: expect.stringMatching(/^job=\S+ tasks=.*1-0/) });
  expect((await runCli(['logs', 'leader', '--data-dir', leader.dataDir], { cwd })).text).toContain(` END job=${job} state=failed`);
});

test('it says as much as is wanted', async () => {
  const cwd = await scratch();
  const leader = await startLeader(cwd, ['--log-level', 'silent']);
  leader.cli.kill('SIGTERM');
  expect(await leader.cli.result).toMatchObject({ status: 0, stderr: '' });
  expect(await runCli(['leader', '--log-level', 'loud'], { cwd })).toMatchObject({ status: 2, stderr: expect.stringContaining('--log-level') });
});

test('on a terminal it is text', async () => {
  const cwd = await scratch();
  const script = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';
  const child = spawn('python3', ['-c', script, process.execPath, MAIN, 'leader', '--data-dir', 'data'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = once(child, 'exit');
  await waitFor('its address', () => (screen.includes('START') ? true : undefined));
  // Ctrl-C, as the terminal makes it.
  child.stdin.write('\u0003');
  expect(await ended).toEqual([0, null]);
  expect(stripVTControlCharacters(screen)).toMatch(/\[\d\d:\d\d:\d\d\.\d{3}\] INFO \(leader\): START leader pid=\d+ url=http:/);
  expect(screen).not.toContain('{"level"');
});
