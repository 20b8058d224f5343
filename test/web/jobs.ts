/** Jobs to look at, on workers of their own. */
import { expect } from 'vitest';
import { leaderRoutes } from '../../src/control/routes.ts';
import type { JobView, TaskView } from '../../src/control/views.ts';
import { scratch, startCli, type RunningCli } from '../end-to-end/cli.ts';
import { startLeader, startWorker, type HandLeader } from '../end-to-end/cluster.ts';
import { rows } from '../end-to-end/data.ts';
import { waitFor } from '../end-to-end/processes.ts';
import { clientOf } from './browser.ts';

export interface Site {
  readonly folder: string;
  readonly leader: HandLeader;
  readonly workers: readonly RunningCli[];
}

/** A leader and two workers in its data folder, where the logs of ended jobs are read from, and a table of so many rows in `in.csv`. */
export async function site(count: number): Promise<Site> {
  const folder = await scratch({ 'in.csv': rows(count) });
  const leader = await startLeader(folder);
  return { folder, leader, workers: await Promise.all(['w1', 'w2'].map((name) => startWorker(folder, leader, name, ['--data-dir', leader.dataDir]))) };
}

/** Starts a job and waits until it runs. */
export async function startJob({ folder, leader }: Site, args: readonly string[]): Promise<{ readonly job: string; readonly cli: RunningCli }> {
  const cli = startCli(['run', '--leader', leader.url, '--quiet', '--src', 'in.csv', ...args], { cwd: folder, env: { RAINSTORM_TOKEN: leader.token } });
  const known = new Set((await jobsOf(leader)).map(({ job }) => job));
  const job = await waitFor('a job', async () => (await jobsOf(leader)).find((other) => !known.has(other.job))?.job);
  return { job, cli };
}

async function jobsOf(leader: HandLeader): Promise<JobView[]> {
  return await clientOf(leader).call(leaderRoutes.jobs, undefined);
}

export async function jobOf(leader: HandLeader, job: string): Promise<JobView> {
  return await clientOf(leader).call(leaderRoutes.job, undefined, { params: { job } });
}

export async function taskOf(leader: HandLeader, job: string, stage: number, index: number): Promise<TaskView> {
  const tasks = await clientOf(leader).call(leaderRoutes.tasks, undefined, { params: { job } });
  const task = tasks.find((other) => other.stage === stage && other.index === index);
  expect(task).toBeDefined();
  return task as TaskView;
}
