/** A data folder is the user's: what becomes of jobs and their leader where it goes while they run. */
import { rmSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Submission } from '../../src/control/schemas.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { DEFAULT_KEEP, type KeepLimits } from '../../src/leader/keep-limits.ts';
import { Leader } from '../../src/leader/leader.ts';
import { cluster, dataFolder, slowJob } from '../cli/harness.ts';

async function leaderIn(dataDir: string, keep: KeepLimits = DEFAULT_KEEP): Promise<Leader> {
  const leader = await Leader.start({ dataDir, token: 't', clock: systemClock, keep, replacesWorkers: false });
  onTestFinished(() => leader.close());
  return leader;
}

test('a job whose folder was removed while it ran fails, and says what may have been', async () => {
  const { dataDir, leader, submit } = await cluster();
  await submit('a');
  await rename(join(dataDir, 'jobs'), join(dataDir, 'gone'));
  const run = leader.find('a');
  await run.cancel();
  await expect.poll(() => run.state, { timeout: 10_000 }).toBe('failed');
  expect(run.failure).toMatchObject({
    code: 'DEPOSED',
    message: expect.stringMatching(/^job a is let be, since its journal is another leader's or gone: .*it was removed$/) as string,
    hint: 'If no other leader has taken it over, its data folder was removed while it ran: start the job anew.',
  });
});

test('a folder that goes while older jobs are removed from it is told in the log, and ends nothing else', async () => {
  const dataDir = await dataFolder();
  const log = join(dataDir, 'logs', 'leader.log');
  const leader = await leaderIn(dataDir, {
    jobs: 1,
    // At this very moment.
    get bytes() {
      rmSync(join(dataDir, 'jobs'), { recursive: true });
      return 1e9;
    },
  });
  const run = await leader.submit({ job: 'a', spec: await slowJob(dataDir, 'a'), workers: 1 } as Submission);
  await run.cancel();
  expect(run.state).toBe('cancelled');
  expect(await readFile(log, 'utf8')).toContain(` NOTE ended jobs cannot be removed from ${dataDir}: no such file or directory (ENOENT)\n`);
});

test('an end that cannot be written down is told in the log, and what goes on from there is kept', async () => {
  const dataDir = await dataFolder();
  const leader = await leaderIn(dataDir);
  const run = await leader.submit({ job: 'a', spec: await slowJob(dataDir, 'a'), workers: 1 } as Submission);
  const folder = jobFolder(dataDir, 'a');
  await rm(join(folder, 'job.json'));
  await mkdir(join(folder, 'job.json'));
  await run.cancel();
  expect(run.state).toBe('cancelled');
  expect(await readFile(join(dataDir, 'logs', 'leader.log'), 'utf8')).toContain(` NOTE the end of job a cannot be written down in ${folder}: `);
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['leader', 'leader.json']));
});
