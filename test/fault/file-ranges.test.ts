/** Jobs as fast as they go, whose first stage reads the source's file itself, while tasks and workers are killed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines } from '../end-to-end/cli.ts';
import { writeRows } from '../end-to-end/data.ts';
import { processesGone } from '../end-to-end/processes.ts';

/** About a second's work, so that something is killed in the middle of it; where nothing was, there is twice as much. */
const ROWS = [600_000, 1_200_000, 2_400_000, 4_800_000] as const;

const PIPELINES: readonly { readonly name: string; readonly job: readonly string[] }[] = [
  { name: 'an operator that reads the file', job: ['--stages', 'running-aggregate=zone,aggregate=1:2'] },
  { name: 'a command that is written what is read there', job: ['--stages', 'cmd="grep completed",aggregate=5:2'] },
  { name: 'without journals', job: ['--stages', 'filter=completed,aggregate=zone', '--delivery', 'best-effort'] },
];

/** Runs the job with kills, and tells whether an operator was started again: a quick one may have ended before. */
async function isExact(job: readonly string[], rows: number): Promise<boolean> {
  const folder = await scratch({});
  await writeRows(join(folder, 'in.csv'), rows);
  // At a rate tuples are sent as such: so there is a result that owes nothing to ranges.
  const plain = await runCli(['run', ...job, '--src', 'in.csv', '--dest', 'plain', '--quiet', '--rate', '10000000'], { cwd: folder });
  expect(plain.status, plain.stderr).toBe(0);
  const isKilled = !job.includes('best-effort');
  const chaos = isKilled ? ['--chaos', 'tasks:300ms,workers:1200ms'] : [];
  const { status, stderr } = await runCli(['run', ...job, '--src', 'in.csv', '--dest', 'out', ...chaos], { cwd: folder });
  expect(status, stderr.slice(-2_000)).toBe(0);
  expect(sortedLines(await readFile(join(folder, 'out')))).toEqual(sortedLines(await readFile(join(folder, 'plain'))));
  await processesGone(folder);
  return !isKilled || (await runCli(['logs', '--grep', ' RESTART '], { cwd: folder })).text.includes(' RESTART ');
}

describe('a first stage that reads the file itself', () => {
  test.each(PIPELINES)('$name: the result is exact', { timeout: 120_000 }, async ({ name, job }) => {
    for (const rows of ROWS) if (await isExact(job, rows)) return;
    throw new Error(`${name}: nothing was killed in any of the jobs`);
  });

  test('a file that is replaced meanwhile fails the job, which says so and leaves nothing', { timeout: 60_000 }, async () => {
    const folder = await scratch({});
    await writeRows(join(folder, 'in.csv'), 50_000);
    const command = `cat > all; cp in.csv other.csv; mv other.csv in.csv; cat all`;
    const { status, stderr } = await runCli(['run', '-s', `sh -c '${command.replace('cat > all;', 'head -c 1000 > all;')} ; cat'`, '--src', 'in.csv', '--dest', 'out'], { cwd: folder });
    expect(status).toBe(1);
    expect(stderr).toContain('in.csv is no longer the file that the job began to read');
    await expect(readFile(join(folder, 'out'))).rejects.toThrow('ENOENT');
  });
});
