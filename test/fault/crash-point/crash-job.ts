/** Runs a job that is killed at points of a plan, and holds its result and what it leaves against an undisturbed run. */
import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { runBash, runCli, scratch, sortedLines, type CliResult } from '../../end-to-end/cli.ts';
import { rows } from '../../end-to-end/data.ts';
import { processesGone } from '../../end-to-end/processes.ts';
import { crashEnvironment, crashesHappened, type Crash, type CrashPlan } from './crash-plan.ts';
import type { Pipeline } from './pipelines.ts';

/** The points are places of the sources. */
const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

const ROWS = 400;

/** Tuples per second: the rows last half a second, in which they come in ten pieces. */
const RATE = 800;

export interface CrashOptions {
  /** Tuples per second, where the job is to last longer. */
  readonly rate?: number;
  /** Where a job has run before; a new one unless given. */
  readonly folder?: string;
  /** Of the command. */
  readonly args?: readonly string[];
}

/** What undisturbed runs print, sorted. */
const calm = new Map<Pipeline, Promise<readonly string[]>>();

type Ending = Pick<CliResult, 'status' | 'signal' | 'stderr'>;

const DONE: Ending = { status: 0, signal: undefined, stderr: '' };

export interface CrashedJob {
  readonly folder: string;
  /** Everything that the tasks have logged. */
  readonly logs: string;
}

/**
 * A job that goes on by itself: each crash of the plan happens as often as it is to, and the command ends as if nothing had
 * been. Gives what is left to look at.
 */
export async function runCrashing(pipeline: Pipeline, crashes: readonly Crash[], options: CrashOptions = {}): Promise<CrashedJob> {
  const { folder, plan, ending } = await startCrashing(pipeline, crashes, options);
  expect(ending).toEqual(DONE);
  await expectExact(folder, plan, pipeline);
  return { folder, logs: await taskLogs(folder) };
}

/** A job whose command is killed too, after which another one goes on with it, and is killed itself where the plan says so. */
export async function runResuming(pipeline: Pipeline, crashes: readonly Crash[], options: CrashOptions = {}): Promise<CrashedJob> {
  const { folder, plan, ending } = await startCrashing(pipeline, crashes, options);
  expect(ending.signal).toBe('SIGKILL');
  const { text } = await runCli(['jobs', '--json'], { cwd: folder });
  const [{ job }] = JSON.parse(text) as [{ readonly job: string }];
  const resume = () => runCommand(folder, plan, ['run', '--resume', job, '--quiet']);
  let last = await resume();
  for (let left = crashes.length; last.signal === 'SIGKILL' && left > 0; left--) last = await resume();
  expect(last).toEqual(DONE);
  await expectExact(folder, plan, pipeline);
  return { folder, logs: await taskLogs(folder) };
}

async function startCrashing(pipeline: Pipeline, crashes: readonly Crash[], { rate = RATE, args = [], folder: given }: CrashOptions): Promise<{ folder: string; plan: CrashPlan; ending: Ending }> {
  await calmOutput(pipeline);
  const folder = given ?? (await folderFor(pipeline));
  const plan = { folder: join(folder, 'crashes'), crashes };
  const ending = await runCommand(folder, plan, ['run', ...pipeline.job, '--src', 'in.csv', '--dest', 'out', '--rate', String(rate), '--quiet', ...args]);
  return { folder, plan, ending };
}

/** Its stderr is a file of its own: workers that outlive it have that too, and its end is not to wait for theirs. */
async function runCommand(folder: string, plan: CrashPlan, args: readonly string[]): Promise<Ending> {
  const words = args.map((arg) => `'${arg.replaceAll("'", "'\\''")}'`).join(' ');
  const stderr = join(plan.folder, `stderr-${randomUUID()}`);
  const { status, signal } = await runBash(`exec "$RAINSTORM_TEST_NODE" '${MAIN}' ${words} 2> '${stderr}'`, { cwd: folder, env: crashEnvironment(plan) });
  return { status, signal, stderr: await readFile(stderr, 'utf8') };
}

async function expectExact(folder: string, plan: CrashPlan, pipeline: Pipeline): Promise<void> {
  const happened = crashesHappened(plan).map((times, index) => ({ ...plan.crashes[index], times }));
  expect(happened.filter(({ optional }) => optional !== true), 'the crashes that happened').toMatchObject(plan.crashes.filter(({ optional }) => optional !== true).map(({ at, times = 1 }) => ({ at, times })));
  expect(sortedLines(await readFile(join(folder, 'out')))).toEqual(await calmOutput(pipeline));
  await processesGone(folder);
  expect((await readdir(folder)).toSorted(), 'what is left').toEqual(['.rainstorm', 'crashes', 'in.csv', 'out', ...Object.keys(pipeline.files ?? {})].toSorted());
  expect(await journals(folder), 'what is left of journals').toEqual([]);
}

function calmOutput(pipeline: Pipeline): Promise<readonly string[]> {
  const known = calm.get(pipeline);
  if (known !== undefined) return known;
  const made = runCalm(pipeline);
  calm.set(pipeline, made);
  return made;
}

async function runCalm(pipeline: Pipeline): Promise<readonly string[]> {
  const folder = await folderFor(pipeline);
  const { status, stderr } = await runCli(['run', ...pipeline.job, '--src', 'in.csv', '--dest', 'out', '--quiet'], { cwd: folder });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = sortedLines(await readFile(join(folder, 'out')));
  expect(lines.length).toBeGreaterThan(0);
  return lines;
}

function folderFor({ input, files }: Pipeline): Promise<string> {
  return scratch({ 'in.csv': input ?? rows(ROWS), ...files });
}

async function journals(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, '.rainstorm'), { recursive: true });
  return files.filter((file) => /\.segment$|\.draft-|\.removed-/.test(file));
}

async function taskLogs(folder: string): Promise<string> {
  const data = join(folder, '.rainstorm');
  const logs = (await readdir(data, { recursive: true })).filter((file) => /logs\/\d+-\d+\.log$/.test(file));
  return (await Promise.all(logs.map((log) => readFile(join(data, log), 'latin1')))).join('');
}
