/** Jobs as fast as they go, whose first stage reads the source's file itself, while tasks and workers are killed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli, scratch, sortedLines } from '../end-to-end/cli.ts';
import { writeRows } from '../end-to-end/data.ts';
import { processesGone } from '../end-to-end/processes.ts';

/** About a second's work, so that something is killed in the middle of it. */
const ROWS = 600_000;

const PIPELINES: readonly { readonly name: string; readonly job: readonly string[] }[] = [
  { name: 'an operator that reads the file', job: ['--stages', 'running-aggregate=zone,aggregate=1:2'] },
  { name: 'a command that is written what is read there', job: ['--stages', 'cmd="grep completed",aggregate=5:2'] },
  { name: 'without journals', job: ['--stages', 'filter=completed,aggregate=zone', '--delivery', 'best-effort'] },
];

describe('a first stage that reads the file itself', () => {
  test.each(PIPELINES)('$name: the result is exact', { timeout: 120_000 }, async ({ name, job }) => {
    const folder = await scratch({});
    await writeRows(join(folder, 'in.csv'), ROWS);
    // At a rate tuples are sent as such: so there is a result that owes nothing to ranges.
    const plain = await runCli(['run', ...job, '--src', 'in.csv', '--dest', 'plain', '--quiet', '--rate', '10000000'], { cwd: folder });
    expect(plain.status, plain.stderr).toBe(0);
    const chaos = job.includes('best-effort') ? [] : ['--chaos', 'tasks:300ms,workers:1200ms'];
    const { status, stderr } = await runCli(['run', ...job, '--src', 'in.csv', '--dest', 'out', ...chaos], { cwd: folder });
    expect(status, stderr.slice(-2_000)).toBe(0);
    expect(sortedLines(await readFile(join(folder, 'out')))).toEqual(sortedLines(await readFile(join(folder, 'plain'))));
    if (chaos.length > 0) expect((await runCli(['logs', '--grep', ' RESTART '], { cwd: folder })).text, name).toContain(' RESTART ');
    await processesGone(folder);
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
