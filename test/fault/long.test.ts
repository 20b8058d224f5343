/**
 * Long runs on real files, each of some fifteen seconds, with an operator killed every second and a worker every four. Off
 * unless RAINSTORM_TEST_LONG says how many runs of each there are to be.
 */
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines } from '../end-to-end/cli.ts';
import { realData } from '../end-to-end/data.ts';
import { processesGone } from '../end-to-end/processes.ts';

const RUNS = Number(process.env['RAINSTORM_TEST_LONG'] ?? 0);
const signs = RUNS > 0 ? realData('traffic-signs') : undefined;
const books = RUNS > 0 ? realData('gutenberg') : undefined;

const CHAOS = ['--chaos', 'tasks:1s,workers:4s'];

/** Rates at which the files last fifteen seconds. */
const SIGNS_RATE = 600;
const BOOKS_RATE = 4_500;

/** A run and what it is compared with, on a machine that is busy with others. */
const RUN_LIMIT_MS = 55_000;

const COMMANDS = `
stages:
  - command: grep SIGN
    tasks: 2
    contract: restart
    checkpointEvery: 2s
  - command: cut -d, -f7 | tr -cd 'A-Z_\\n' | grep .
  - command: [awk, '{ if (NF == 2 && $1 + 0 == $1) count[$2] += $1; else count[$1]++ } END { for (key in count) print count[key], key }']
    key: line
    tasks: 2
    contract: fold
    checkpointEvery: 2s
  - command: sort | uniq -c
`;

interface Case {
  readonly name: string;
  readonly job: readonly string[];
  readonly src: string | undefined;
  readonly rate: number;
}

const CASES: readonly Case[] = [
  { name: 'filter,aggregate', job: ['--stages', 'filter=SIGN:2,aggregate=Asset Category:3'], src: signs && join(signs, 'signs-large.csv'), rate: SIGNS_RATE },
  { name: 'filter,transform', job: ['--stages', 'filter=Stop:2,transform=1-4:2'], src: signs && join(signs, 'signs-large.csv'), rate: SIGNS_RATE },
  { name: 'identity', job: ['--stages', 'identity:3'], src: signs && join(signs, 'signs-large.csv'), rate: SIGNS_RATE },
  { name: 'flatmap,aggregate', job: ['--stages', 'flatmap:2,aggregate=line:2'], src: books && join(books, '*.txt'), rate: BOOKS_RATE },
  { name: 'commands under replay, restart and fold, and chains', job: ['commands.yaml'], src: signs && join(signs, 'signs-large.csv'), rate: SIGNS_RATE },
];

interface ChaosEvent {
  readonly seed: number;
  readonly kills: readonly unknown[];
}

describe.skipIf(RUNS === 0)('operators are killed every second and workers every four', () => {
  for (const { name, job, src, rate } of CASES) {
    test.skipIf(src === undefined).each(Array.from({ length: RUNS }, (_, run) => run + 1))(`${name}, run %i`, { timeout: 2 * RUN_LIMIT_MS }, async () => {
      const folder = await scratch({ 'commands.yaml': COMMANDS });
      const calm = await runCli(['run', ...job, '--src', src ?? '', '--dest', 'calm', '--quiet'], { cwd: folder });
      expect(calm).toMatchObject({ status: 0, stderr: '' });
      await rm(join(folder, '.rainstorm'), { recursive: true });
      const { status, stderr } = await runCli(['run', ...job, '--src', src ?? '', '--dest', 'stormy', '--rate', String(rate), '--json', ...CHAOS], { cwd: folder });
      const { seed, kills } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as ChaosEvent;
      expect(status, `seed ${seed}: ${stderr.slice(-2_000)}`).toBe(0);
      expect(sortedLines(await readFile(join(folder, 'stormy'))), `seed ${seed}`).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
      const counts = await countEvents(folder, ['REJECTED', 'RESTART', 'REPLAY', 'CHECKPOINT']);
      console.log(`LONG ${name}: seed ${seed} kills ${kills.length} ${JSON.stringify(counts)}`);
      expect(kills.length).toBeGreaterThan(5);
      expect(counts['RESTART']).toBeGreaterThan(0);
      await processesGone(folder);
    });
  }
});

/** How often each event stands in the logs of the tasks. */
async function countEvents(folder: string, events: readonly string[]): Promise<Record<string, number>> {
  const jobs = join(folder, '.rainstorm', 'jobs');
  const [job = ''] = await readdir(jobs);
  const logs = await readdir(join(jobs, job, 'logs'));
  const lines = (await Promise.all(logs.map((log) => readFile(join(jobs, job, 'logs', log), 'latin1')))).flatMap((text) => text.split('\n'));
  return Object.fromEntries(events.map((event) => [event, lines.filter((line) => line.split(' ')[1] === event).length]));
}
