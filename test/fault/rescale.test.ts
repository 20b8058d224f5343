/**
 * Real jobs whose stages are given other numbers of tasks while their operators and workers are killed: the result is that of a
 * job that nobody disturbs. A few short jobs; RAINSTORM_TEST_LONG says how many longer runs of each pipeline there are to be
 * instead, on real files as well where RAINSTORM_TEST_DATA names their folder.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines, startCli, type CliResult, type RunningCli } from '../end-to-end/cli.ts';
import { realData, rows } from '../end-to-end/data.ts';
import { processesGone, waitFor } from '../end-to-end/processes.ts';

const RUNS = Number(process.env['RAINSTORM_TEST_LONG'] ?? 0);
const signs = RUNS > 0 ? realData('traffic-signs') : undefined;

const CHAOS = ['--chaos', 'tasks:2s,workers:2s'];

const RATE = 450;
const SECONDS = RUNS > 0 ? 20 : 8;
/** As many as signs-large.csv has in the long runs. */
const ROWS = RATE * SECONDS;

/** A calm run, a stormy one, and a look at what is left. */
const TEST_LIMIT_MS = 150_000;

/** What is said where kills have kept the steps before from being done in time; nothing, where the step was done. */
const TOO_LATE = /^$|: it is at the end of its input|: no live job in |: job \S+ is not running|its input came to its end|: job \S+ has ended/;

/** A new number of tasks for a stage; they are asked for one after the other, at even distances of the input. */
interface Step {
  readonly stage: number;
  readonly tasks: number;
}

interface Pipeline {
  readonly name: string;
  readonly job: readonly string[];
  /** The content of job.yaml. */
  readonly file?: string;
  readonly steps: readonly Step[];
  /** Undefined where it is not at hand; rows of our own making by default. */
  readonly src?: string | undefined;
  /** What must hold of the lines in the order in which they came, apart from being the calm run's. */
  readonly check?: (lines: readonly string[]) => void;
  readonly runsByDefault?: true;
}

const RESTART = `
stages:
  - { command: grep completed, contract: restart, checkpointEvery: 500ms }
  - { command: "awk '{ print; fflush() }'", contract: restart, checkpointEvery: 500ms }
`;

/** What it prints, a key and its sum, is of the kind that it reads, and has its key where that has it. */
const FOLD = `
stages:
  - { command: [awk, '-F,', '{ print $(NF - 5) "," length($0) }'], contract: restart, checkpointEvery: 1s }
  - command: [awk, '-F,', '{ sum[$1] += $2 } END { for (key in sum) print key "," sum[key] }']
    key: 1
    contract: fold
    checkpointEvery: 500ms
`;

/** Nothing is printed before the end. */
const REPLAY = `
stages:
  - { command: [awk, '-F,', '{ print $(NF - 5) "," length($0) }'], contract: restart, checkpointEvery: 1s }
  - command: [awk, '-F,', '{ sum[$1] += $2 } END { for (key in sum) print key, sum[key] }']
    key: 1
    contract: replay
`;

const PIPELINES: readonly Pipeline[] = [
  { name: 'filter and aggregate', job: ['--no-fuse', '--stages', 'filter=completed,aggregate=zone'], steps: [...upAndDown(2), { stage: 1, tasks: 3 }, { stage: 1, tasks: 1 }] },
  {
    name: 'filter and aggregate, on real files',
    job: ['--no-fuse', '--stages', 'filter=Sign,aggregate=Asset Category'], steps: upAndDown(2),
    src: signs && join(signs, 'signs-large.csv'),
  },
  { name: 'words and counts', job: ['--no-fuse', '--stages', 'flatmap,aggregate=line'], steps: upAndDown(2) },
  { name: 'filter and transform, as one stage', job: ['--stages', 'filter,transform=1-2'], steps: upAndDown(2) },
  {
    name: 'every count on the way, in order',
    job: ['--no-fuse', '--stages', 'filter=completed,running-aggregate=zone'], steps: upAndDown(2), check: expectEachCount, runsByDefault: true,
  },
  { name: 'commands under restart', job: ['job.yaml'], file: RESTART, steps: upAndDown(2) },
  { name: 'a sum under fold', job: ['job.yaml'], file: FOLD, steps: upAndDown(2), runsByDefault: true },
  { name: 'a sum under replay, which prints nothing before the end', job: ['job.yaml'], file: REPLAY, steps: upAndDown(2) },
  { name: 'sort, under replay', job: ['-s', 'sort @line'], steps: upAndDown(1), runsByDefault: true },
];


describe('stages are rescaled while operators and workers are killed, and the result is exact', () => {
  for (const pipeline of PIPELINES.filter(({ runsByDefault }) => RUNS > 0 || runsByDefault === true)) {
    test.skipIf('src' in pipeline && pipeline.src === undefined).each(runs())(`${pipeline.name}, run %i`, { timeout: TEST_LIMIT_MS }, async () => {
      const folder = await calmRun(pipeline);
      const job = stormyRun(folder, pipeline, CHAOS);
      const scaled = await inTurn(folder, job, pipeline.steps);
      const { status, stderr } = await job.result;
      const { seed, kills } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as ChaosEvent;
      const told = await toldOf(folder, seed);
      expect(status, `${told}${stderr.slice(-2_000)}`).toBe(0);
      const lines = await expectCalmResult(folder, told);
      pipeline.check?.(lines);
      for (const one of scaled) expect(one.status === 0 ? '' : one.stderr, told).toMatch(TOO_LATE);
      const done = told.split('\n').filter((line) => / RESCALE .* done$/.test(line)).length;
      console.log(`RESCALED ${pipeline.name}: seed ${seed} kills ${kills.length} rescales ${done}`);
      expect(done, told).toBeGreaterThanOrEqual(pipeline.steps.length / 2);
      expect(kills.length, told).toBeGreaterThan(1);
      await processesGone(folder);
    });
  }
});

test('a stage under replay that has put something out keeps its tasks, and the job goes on', { timeout: TEST_LIMIT_MS }, async () => {
  const pipeline: Pipeline = { name: 'cat', job: ['-s', 'cat'], steps: [{ stage: 1, tasks: 4 }, { stage: 1, tasks: 2 }] };
  const folder = await calmRun(pipeline);
  const job = stormyRun(folder, pipeline, []);
  await waitFor('output', async () => ((await readFile(join(folder, 'stormy.partial')).catch(() => '')).length > 0 ? true : undefined));
  for (const { status, stderr } of await inTurn(folder, job, pipeline.steps)) {
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining('its contract is replay, and it has put something out already') });
  }
  expect((await job.result).status).toBe(0);
  await expectCalmResult(folder, await toldOf(folder));
  await processesGone(folder);
});

interface ChaosEvent {
  readonly seed: number;
  readonly kills: readonly unknown[];
}

interface ProgressEvent {
  readonly event: string;
  readonly stages?: readonly { readonly outTuples: number }[];
}

function runs(): number[] {
  return Array.from({ length: Math.max(1, RUNS) }, (_, run) => run + 1);
}

/** From one task to four, two, eight and one. */
function upAndDown(stage: number): Step[] {
  return [4, 2, 8, 1].map((tasks) => ({ stage, tasks }));
}

/** A folder with the job's files and, in `calm`, the result of a run that nobody disturbs. */
async function calmRun({ job, file, src }: Pipeline): Promise<string> {
  const folder = await scratch({ ...(src === undefined ? { 'in.csv': rows(ROWS) } : {}), ...(file === undefined ? {} : { 'job.yaml': file }) });
  const { status, stderr } = await runCli(['run', ...job, '--src', src ?? 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
  expect(status, stderr).toBe(0);
  // Its logs are not those of the job that counts.
  await rm(join(folder, '.rainstorm'), { recursive: true });
  return folder;
}

function stormyRun(folder: string, { job, src }: Pipeline, chaos: readonly string[]): RunningCli {
  return startCli(['run', ...job, '--src', src ?? 'in.csv', '--dest', 'stormy', '--rate', String(RATE), '--json', ...chaos], { cwd: folder });
}

/** Asks for the steps at even distances of the job's input, each when the one before is done. */
async function inTurn(folder: string, job: RunningCli, steps: readonly Step[]): Promise<CliResult[]> {
  const results: CliResult[] = [];
  for (const [index, { stage, tasks }] of steps.entries()) {
    const due = (ROWS * (index + 1)) / (steps.length + 2);
    await waitFor(`${due} tuples`, () => (tuplesRead(job) >= due ? true : undefined));
    results.push(await runCli(['scale', String(stage), String(tasks)], { cwd: folder }));
  }
  return results;
}

/** How many the source has given; infinite at the end of the job. */
function tuplesRead(job: RunningCli): number {
  const events = job.stderrSoFar().split('\n').slice(0, -1).filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as ProgressEvent);
  const last = events.at(-1);
  return last?.event === 'progress' ? (last.stages?.[0]?.outTuples ?? 0) : last === undefined ? 0 : Infinity;
}

async function expectCalmResult(folder: string, told: string): Promise<string[]> {
  const stormy = await readFile(join(folder, 'stormy'));
  expect(sortedLines(stormy), told).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
  return stormy.toString().trimEnd().split('\n');
}

/** Of each key first 1, then 2, and so on. */
function expectEachCount(lines: readonly string[]): void {
  const counts = Map.groupBy(lines.slice(1), (line) => line.slice(0, line.lastIndexOf(',')));
  for (const [key, ofKey] of counts) expect(ofKey, key).toEqual(ofKey.map((_, index) => `${key},${index + 1}`));
}

/** What the leader has done, for whoever reads of a failure. */
async function toldOf(folder: string, seed?: number): Promise<string> {
  const log = await readFile(join(folder, '.rainstorm', 'logs', 'leader.log'), 'utf8');
  const lines = log.split('\n').filter((line) => !line.includes(' RATE '));
  return `${seed === undefined ? '' : `seed ${seed}\n`}${lines.join('\n')}\n`;
}
