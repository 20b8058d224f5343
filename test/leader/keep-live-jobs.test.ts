import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { Submission } from '../../src/control/schemas.ts';
import { jobFolder } from '../../src/leader/job-folder.ts';
import { Leader } from '../../src/leader/leader.ts';
import { dataFolder, endedJob, mutelyLiveJob, slowJob } from '../cli/harness.ts';

test('the end of a job removes old ended jobs, never one that another leader runs in the same folder', async () => {
  const dataDir = await dataFolder();
  await mutelyLiveJob(dataDir, '1-of-another-leader');
  await endedJob(dataDir, '2-ended');
  await endedJob(dataDir, '3-ended');
  const leader = await Leader.start({ dataDir, token: 't', clock: systemClock, keep: { jobs: 2, bytes: 1e9 }, replacesWorkers: false });
  onTestFinished(() => leader.close());
  const run = await leader.submit({ job: '4', spec: await slowJob(dataDir, '4'), workers: 1 } as Submission);
  await run.cancel();
  expect(existsSync(join(jobFolder(dataDir, '1-of-another-leader'), 'leader.json'))).toBe(true);
  expect(['2-ended', '3-ended', '4'].map((job) => existsSync(jobFolder(dataDir, job)))).toEqual([false, true, true]);
});
