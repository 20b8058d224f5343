/** What workers with data folders of their own leave in them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli, scratch, startCli } from './cli.ts';
import { startLeader, startWorker } from './cluster.ts';
import { waitFor } from './processes.ts';

test('logs of as many ended jobs as are to be kept; `clean` takes the rest, but no live job', { timeout: 60_000 }, async () => {
  const cwd = await scratch({ 'in.txt': 'a\nb\n' });
  const leader = await startLeader(cwd);
  await startWorker(cwd, leader, 'w', ['--keep-jobs', '2']);
  const folder = join(cwd, 'w-data');
  const run = (dest: string, ...args: string[]) => ['run', '--leader', leader.url, '-s', 'cat', '--src', 'in.txt', '--dest', dest, '--workers', '1', '--quiet', ...args];
  const env = { RAINSTORM_TOKEN: leader.token };
  for (const dest of ['1', '2', '3']) expect(await runCli(run(dest), { cwd, env })).toMatchObject({ status: 0, stderr: '' });
  // The leader tells the worker of the end before it tells the command.
  const kept = await readdir(join(folder, 'jobs'));
  expect(kept).toHaveLength(2);
  for (const job of kept) expect((await readdir(join(folder, 'jobs', job))).toSorted()).toEqual(['logs', 'worker-w.json']);

  startCli(run('4', '--rate', '0.01'), { cwd, env });
  const live = await waitFor('a live job', async () => (await readdir(join(folder, 'jobs'))).find((job) => !kept.includes(job)));
  const { text } = await runCli(['jobs', '--json', '--data-dir', folder], { cwd });
  const states = new Map((JSON.parse(text) as { job: string; state: string }[]).map(({ job, state }) => [job, state]));
  expect(states).toEqual(new Map([[live, 'hosted'], ...kept.map((job): [string, string] => [job, 'left'])]));
  expect(await runCli(['clean', '--data-dir', folder], { cwd })).toMatchObject({ status: 0, stderr: '' });
  expect(await readdir(join(folder, 'jobs'))).toEqual([live]);
});
