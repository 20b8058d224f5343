/**
 * How fast jobs are, beside the same work in a shell pipe on one core.
 *
 *     npm run bench [-- --rows N --rounds N --only a,b --json FILE --baseline FILE --memory]
 *
 * Each round runs every case once, its reference just before it; results are compared, ratios are medians over the rounds.
 * With `--json` the report is kept; with `--baseline` it is held against a kept one, and what has become slower by more than
 * 15 % is said. `--memory` adds what each process of cases a and b had resident at most. Times are those of whole commands,
 * start-up included; compare figures of one run only, on a machine that is idle. bench/latency.ts, recovery.ts and log.ts
 * measure what their names say.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CASES, type Case } from './suite/cases.ts';
import { writeRows, writeText } from './suite/data.ts';
import { peaksOf } from './suite/measure.ts';
import { losses, machine, markdown, summarize, type Report } from './suite/report.ts';
import { argvOf, runRound, type Round } from './suite/run-case.ts';

const INPUTS = { rows: 'rows.csv', text: 'text.txt', few: 'few.csv' } as const;

/** A line of text has as many words as a row has fields, more or less. */
const ROWS_PER_LINE = 4;
const FEW_ROWS = 9_000;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '5000000' }, rounds: { type: 'string', default: '7' }, only: { type: 'string' },
    json: { type: 'string' }, baseline: { type: 'string' }, memory: { type: 'boolean', default: false },
  },
});

const rows = Number(values.rows);
const rounds = Number(values.rounds);
const only = values.only?.split(',');
const cases = CASES.filter((one) => isAsked(one) && isInstalled(one.needs));
const folder = mkdtempSync(join(tmpdir(), 'rainstorm-bench-'));

try {
  await writeRows(join(folder, INPUTS.rows), rows);
  await writeRows(join(folder, INPUTS.few), FEW_ROWS);
  await writeText(join(folder, INPUTS.text), Math.ceil(rows / ROWS_PER_LINE));
  const report = await measure();
  console.log(markdown(report));
  if (values.memory) await showMemory();
  if (values.baseline !== undefined) for (const line of losses(report, JSON.parse(readFileSync(values.baseline, 'utf8')) as Report)) console.log(line);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A case that others are compared to is measured with them. */
function isAsked(one: Case): boolean {
  return only === undefined || only.includes(one.name) || CASES.some(({ name, comparedTo }) => only.includes(name) && comparedTo === one.name);
}

function isInstalled(program: string | undefined): boolean {
  if (program === undefined) return true;
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`${program} is not installed: cases that need it are left out`);
    return false;
  }
}

async function measure(): Promise<Report> {
  const measured = new Map<string, Round[]>(cases.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const one of cases) measured.get(one.name)?.push(await runRound(one, folder, INPUTS));
    console.error(`round ${round} of ${rounds}`);
  }
  const results = cases.map((one) => summarize(one, measured.get(one.name) ?? [], one.comparedTo === undefined ? undefined : measured.get(one.comparedTo)));
  return { machine: machine(), rows, rounds, results };
}

async function showMemory(): Promise<void> {
  for (const one of cases.filter(({ name }) => name === 'a' || name === 'b')) {
    console.log(`case ${one.name}, most resident memory of each process:`);
    for (const { command, bytes } of await peaksOf(argvOf(one, INPUTS[one.input]), folder)) console.log(`  ${Math.round(bytes / 2 ** 20)} MiB  ${command}`);
  }
}
