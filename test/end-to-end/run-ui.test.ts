/** `run --ui`: the dashboard beside a job, and after it as long as somebody sits there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { httpCall } from '../../src/control/http-call.ts';
import { text } from 'node:stream/consumers';
import { runCli, scratch } from './cli.ts';
import { waitFor } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

/** Runs a command on a terminal of its own, of which stdin and stdout here are the keyboard and the screen. */
const ON_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

const LINK = /rainstorm: dashboard: (http:\/\/[\d.:]+)\/login\?code=(\S+)/;

test('elsewhere than on a terminal the link is told, and the command ends with its job', async () => {
  const cwd = await scratch({ 'in.txt': 'a\n' });
  const args = ['run', '--quiet', '--ui', '-s', 'cat', '--src', 'in.txt'];
  const plain = await runCli(args, { cwd });
  expect([plain.status, plain.text, plain.stderr]).toEqual([0, 'a\n', expect.stringMatching(new RegExp(`^${LINK.source}\n$`))]);
  const json = await runCli([...args, '--json'], { cwd });
  expect(JSON.parse(json.stderr.split('\n')[0] ?? '')).toEqual({ event: 'ui', url: expect.stringMatching(/^http:\S+\/login\?code=\S+$/) });
});

test('on a terminal it is there until Enter, with the job that has ended', async () => {
  const cwd = await scratch({ 'in.txt': 'a\n' });
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...env } = process.env;
  const child = spawn('python3', ['-c', ON_TERMINAL, process.execPath, MAIN, 'run', '--ui', '-s', 'cat', '--src', 'in.txt', '--dest', 'out'], { cwd, env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  child.stdout.on('data', (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = once(child, 'exit');
  const [, url = '', code = ''] = await waitFor('the link', () => LINK.exec(screen) ?? undefined);
  await waitFor('the end of the job', () => (screen.replaceAll(/\r?\n/g, '').includes(`the dashboard stays at ${url}/login?code=`) && screen.includes('until Enter or Ctrl-C') ? true : undefined));
  expect(await readFile(join(cwd, 'out'), 'utf8')).toBe('a\n');
  const login = await httpCall(`${url}/login?code=${code}`, { headers: {}, agent: false });
  login.resume();
  const cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const jobs = JSON.parse(await text(await httpCall(`${url}/v1/jobs`, { headers: { cookie }, agent: false }))) as { state: string }[];
  expect(jobs).toMatchObject([{ state: 'done' }]);
  child.stdin.write('\n');
  expect(await ended).toEqual([0, null]);
});
