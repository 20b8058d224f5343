/** Runs the real command, as built, with the Node that runs the tests. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

const DEFINE_RAINSTORM = 'rainstorm() { "$RAINSTORM_TEST_NODE" "$RAINSTORM_TEST_MAIN" "$@"; }\n';

/** No command of a test runs longer, whatever hangs; below the longest test's own limit. */
const COMMAND_LIMIT_MS = 55_000;

export interface CliOptions {
  /** stdin: bytes, or a stream to read them from; without it stdin is empty. */
  readonly input?: string | Uint8Array;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The user to run as, where the tests run as root. */
  readonly uid?: number;
  /** How long it may run, where a test has a longer limit of its own. */
  readonly limitMs?: number;
}

export interface CliResult {
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** stdout as text. */
  readonly text: string;
}

export interface RunningCli {
  readonly pid: number;
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** What has come on stderr by now. */
  stderrSoFar(): string;
  kill(signal: NodeJS.Signals): void;
  readonly result: Promise<CliResult>;
}

/** A folder of its own for the running test, with these files in it; its name occurs in no other process's arguments. */
export async function scratch(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-end-to-end-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Runs `rainstorm <args>` to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const child = start(process.execPath, [MAIN, ...args], options, options.input);
  return await resultOf(child);
}

/** Starts `rainstorm <args>` with a stdin that the test writes to; it is killed when the test is over. */
export function startCli(args: readonly string[], options: Omit<CliOptions, 'input'>): RunningCli {
  return running(start(process.execPath, [MAIN, ...args], options, undefined, 'pipe'));
}

/** Runs a bash script, in which `rainstorm` is the command; `text` is its stdout. */
export async function runBash(script: string, options: CliOptions): Promise<CliResult> {
  return await resultOf(start('bash', ['-c', DEFINE_RAINSTORM + script], withCommand(options), options.input));
}

/** Starts a bash script as `runBash` runs it; it is killed when the test is over. */
export function startBash(script: string, options: Omit<CliOptions, 'input'>): RunningCli {
  return running(start('bash', ['-c', DEFINE_RAINSTORM + script], withCommand(options), undefined, 'pipe'));
}

/** Runs a job that must succeed and gives its stdout. */
export async function output(args: readonly string[], options: CliOptions): Promise<Buffer> {
  const result = await runCli(['run', '--quiet', ...args], options);
  expect(result.stderr).toBe('');
  expect(result.status).toBe(0);
  return result.stdout;
}

/** Runs a shell pipe in byte order and gives what it prints. */
export async function shell(script: string, cwd: string): Promise<Buffer> {
  const result = await runBash(`set -o pipefail\n${script}`, { cwd, env: { LC_ALL: 'C' } });
  expect(result.stderr).toBe('');
  return result.stdout;
}

/** The lines of a text whose every line ends with a newline, in byte order. */
export function sortedLines(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString('latin1');
  if (text === '') return [];
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n').toSorted();
}

function start(file: string, args: readonly string[], options: CliOptions, input: string | Uint8Array | undefined, stdin?: 'pipe') {
  expect(existsSync(MAIN), 'the command is built: npm run build').toBe(true);
  return execa(file, args, {
    cwd: options.cwd,
    env: { ...cleanEnvironment(), ...options.env },
    extendEnv: false,
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    ...(stdin === undefined ? { input: input ?? '' } : { stdin }),
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    timeout: options.limitMs ?? COMMAND_LIMIT_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1024 * 1024 * 1024,
  });
}

function running(child: ReturnType<typeof start>): RunningCli {
  const chunks: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined);
  onTestFinished(() => void child.kill('SIGKILL'));
  const result = resultOf(child);
  // A test that fails before it looks at the result has said enough.
  result.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    stdin: child.stdin,
    stdout: child.stdout,
    stderrSoFar: () => Buffer.concat(chunks).toString(),
    kill: (signal) => void child.kill(signal),
    result,
  };
}

function withCommand(options: CliOptions): CliOptions {
  return { ...options, env: { ...options.env, RAINSTORM_TEST_NODE: process.execPath, RAINSTORM_TEST_MAIN: MAIN } };
}

async function resultOf(child: ReturnType<typeof start>): Promise<CliResult> {
  const { exitCode, signal, stdout, stderr, timedOut } = await child;
  const out = Buffer.from(stdout);
  const err = Buffer.from(stderr).toString();
  expect(timedOut, `the command hangs; its stderr so far: ${err}`).toBe(false);
  return { status: exitCode, signal, stdout: out, stderr: err, text: out.toString() };
}

/** The tests' own environment, less what would change what the command does. */
function cleanEnvironment(): Record<string, string> {
  const kept = Object.entries(process.env).filter(([name, value]) => value !== undefined && !/^(RAINSTORM_|NODE_OPTIONS$|LC_|LANG$)/.test(name));
  return { ...(Object.fromEntries(kept) as Record<string, string>), PATH: `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}` };
}
