/** `run --chaos` and `demo`: real kills on a schedule, and an exact result. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines } from '../end-to-end/cli.ts';
import { rows } from '../end-to-end/data.ts';
import { processesGone } from '../end-to-end/processes.ts';
import { ROOT } from '../project/root.ts';

const ROWS = 6_000;

/** A schedule that no run is likely to like: something dies several times a second. */
const CHAOS = ['--chaos', 'tasks:400ms,workers:1500ms', '--rate', '1000'];

interface ChaosEvent {
  readonly event: 'chaos';
  readonly seed: number;
  readonly kills: readonly { readonly kind: string; readonly recoveryMs?: number }[];
}

const PIPELINES: readonly { readonly name: string; readonly job: readonly string[]; readonly checkpoints?: true }[] = [
  { name: 'filter and aggregate', job: ['--stages', 'filter=completed:2,aggregate=zone:3'] },
  { name: 'every count on the way', job: ['--stages', 'filter=completed,running-aggregate=zone:2'] },
  { name: 'words and counts', job: ['--stages', 'flatmap:2,aggregate=line:2'] },
  { name: 'commands under three contracts', job: ['contracts.yaml'], checkpoints: true },
  { name: 'programs that are written with the kit', job: ['kit.yaml'], checkpoints: true },
];

/** The count of each zone by a fold: what it prints, `count zone` lines, is its own input again. */
const CONTRACTS = `
stages:
  - command: grep completed
    contract: restart
    checkpointEvery: 300ms
  - command: [awk, '-F,', '{ print $(NF - 5) }']
    contract: replay
  - command: [awk, '{ if (NF > 1 && $1 + 0 == $1) { n = $1; $1 = ""; sub(/^ /, ""); count[$0] += n } else count[$0]++ } END { for (zone in count) print count[zone], zone }']
    key: line
    tasks: 2
    contract: fold
    checkpointEvery: 300ms
`;

const KIT = `
stages:
  - command: [node, ${JSON.stringify(join(ROOT, 'examples/running-count.mjs'))}]
    contract: snapshot
    checkpointEvery: 300ms
    key: 5
    tasks: 2
  - command: [python3, ${JSON.stringify(join(ROOT, 'examples/running_count.py'))}]
    contract: snapshot
    checkpointEvery: 300ms
    env: { PYTHONPATH: ${JSON.stringify(join(ROOT, 'operators/python'))} }
`;

describe('run --chaos', () => {
  test.each(PIPELINES)('$name: the result is exact, and every kill is told', { timeout: 60_000 }, async ({ job, checkpoints }) => {
    const folder = await scratch({ 'in.csv': rows(ROWS), 'contracts.yaml': CONTRACTS, 'kit.yaml': KIT });
    const calm = await runCli(['run', ...job, '--src', 'in.csv', '--dest', 'calm', '--quiet'], { cwd: folder });
    expect(calm.status, calm.stderr).toBe(0);
    const { status, stderr } = await runCli(['run', ...job, '--src', 'in.csv', '--dest', 'stormy', '--json', ...CHAOS], { cwd: folder });
    const chaos = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as ChaosEvent;
    expect(status, `seed ${chaos.seed}: ${stderr.slice(-2_000)}`).toBe(0);
    expect(chaos.kills.length, `seed ${chaos.seed}`).toBeGreaterThan(2);
    expect(chaos.kills.some(({ recoveryMs }) => recoveryMs !== undefined)).toBe(true);
    expect(sortedLines(await readFile(join(folder, 'stormy'))), `seed ${chaos.seed}`).toEqual(sortedLines(await readFile(join(folder, 'calm'))));
    if (checkpoints === true) expect((await runCli(['logs', '--grep', ' CHECKPOINT '], { cwd: folder })).text).toContain(' CHECKPOINT ');
    await processesGone(folder);
  });

  test('what cannot be killed is refused before anything runs', async () => {
    const folder = await scratch({ 'in.csv': rows(10) });
    const refused = async (...args: readonly string[]) => runCli(['run', '--stages', 'identity', '--src', 'in.csv', '--dest', 'out', ...args], { cwd: folder });
    expect(await refused('--chaos', 'leader:1s')).toMatchObject({ status: 2, stderr: expect.stringMatching(/the leader of this job would be the command itself/) });
    expect(await refused('--chaos', 'task:1s')).toMatchObject({ status: 2, stderr: expect.stringMatching(/Did you mean tasks\?/) });
    expect(await refused('--chaos', 'tasks:1s', '--leader', 'http://127.0.0.1:1')).toMatchObject({ status: 2, stderr: expect.stringMatching(/not for those of another leader/) });
  });
});

test('demo says that nothing was lost', { timeout: 60_000 }, async () => {
  const folder = await scratch();
  const { status, text, stderr } = await runCli(['demo', '--seconds', '4'], { cwd: folder });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(text).toMatch(/^The result, 13 lines, is the same byte for byte/m);
  expect(stderr).toMatch(/^chaos with seed \d+: \d+ kills?$/m);
});

test('the quiet demos say so, too', { timeout: 60_000 }, async () => {
  const folder = await scratch();
  const demos = await Promise.all([0, 1].map((which) => runCli(['demo', String(which), '--seconds', '3'], { cwd: folder })));
  expect(demos.map(({ status, text }) => [status, /^The result, \d+ lines, is the same byte for byte/m.exec(text)?.[0]])).toEqual([
    [0, 'The result, 30001 lines, is the same byte for byte'],
    [0, 'The result, 13 lines, is the same byte for byte'],
  ]);
});
