/** How a job would run, and what limits the one that runs, in the words of `explain`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { ControlClient } from '../../src/control/client.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import type { ExplainView, PlanView } from '../../src/control/views.ts';
import { readLeaderFile } from '../../src/leader/job-folder.ts';
import { runCli, scratch, startCli } from './cli.ts';
import { waitFor } from './processes.ts';

// What is waited for has a limit of its own, which says what was waited for.
vi.setConfig({ testTimeout: 60_000 });

/** More than what lies between two stages when the second takes nothing. */
const LINES = Array.from({ length: 150_000 }, (_, row) => `${row} ${'x'.repeat(200)}\n`).join('');

/** Takes a processor for as long as there is input. */
const SLOW = 'awk "{ for (i = 0; i < 20000; i++); print }"';

describe('before a run', () => {
  test('the plan is told: what is fused, what goes where, what is kept and who knows the contracts; nothing is run or written', async () => {
    const cwd = await scratch({ 'in.txt': 'one\n', out: 'kept' });
    const { status, text, stderr } = await runCli(['explain', '-s', 'filter=o', '-s', 'transform=1', '-s', 'touch ran @line:3', '--src', 'in.txt', '--dest', 'out'], { cwd });
    expect([status, stderr]).toEqual([0, 'rainstorm: run would refuse it: the destination out exists\n']);
    expect(text).toBe(`2 stages, 4 tasks and 7 channels

source: ${join(cwd, 'in.txt')}
  journal   none: its files can be read again
  0 -> 2: 1 channel, all to one task; only where tuples stand in the files
stage 2: filter | transform, 1 task
  runs      filter=o | transform=1
  fused     of filter and transform: one stage, without channels between them
  contract  snapshot, known: the operators are ours
  journal   kept: an operator that dies goes on from the state of its last checkpoint, and is fed what came after that; it holds where tuples stand in the files, not the tuples
  tasks     their number can be changed while it runs
  2 -> 3: 3 channels, by the whole line
stage 3: touch, 3 tasks
  runs      touch ran
  contract  replay, only assumed (rainstorm check tries it out)
  journal   kept: an operator that dies is fed all of its input again, so all of it stays until the job ends
  tasks     their number can be changed while it runs, only as long as its tasks have put out nothing
  3 -> 4: 3 channels, all to one task
sink: ${join(cwd, 'out')}
`);
    expect((await readdir(cwd)).toSorted()).toEqual(['in.txt', 'out']);
  });

  test('--json: as the leader answers it of a job', async () => {
    const cwd = await scratch({ 'job.yaml': 'stages: aggregate=zone:2\nsrc: "-"\nformat: csv\nheader: true\n' });
    const { text } = await runCli(['explain', 'job.yaml', '--delivery', 'best-effort', '--json'], { cwd, input: 'id,zone\n1,a\n' });
    const plan = JSON.parse(text) as PlanView;
    expect(plan).toMatchObject({ source: 'stdin', sink: 'stdout', sourceJournal: { kept: false } });
    expect(plan.stages).toMatchObject([{ name: 'aggregate', tasks: 2, program: 'aggregate=2', key: 'column 2', journal: { kept: false }, scalable: { ok: false } }]);
  });

  test('what is wrong with the job is told as run tells it', async () => {
    const cwd = await scratch();
    const { status, stderr } = await runCli(['explain', '-s', 'filter=a', '--src', 'nowhere.txt'], { cwd });
    expect([status, stderr]).toEqual([2, expect.stringContaining('nowhere.txt') as unknown]);
    expect((await runCli(['explain', '-s', 'cat', '--job', 'a'], { cwd })).status).toBe(2);
    expect((await runCli(['explain'], { cwd })).stderr).toMatch(/no live job/);
  });
});

test('while a job runs the slow stage is named with its figures, by explain and by the leader; a worker is killed, and the job goes on; afterwards it stays readable', async () => {
  const cwd = await scratch({ 'in.txt': LINES });
  const run = startCli(['run', '--quiet', '--workers', '2', '--src', 'in.txt', '--dest', 'out', '-s', 'cat :2', '-s', `${SLOW} @line:2`], { cwd });
  const { view, job } = await waitFor('the slow stage to be named', async () => {
    const { status, text } = await runCli(['explain', '--json'], { cwd });
    const found = status === 0 ? (JSON.parse(text) as ExplainView) : undefined;
    const isNamed = /^stage 2 \(awk\) is limited by its operator: .* in 2 of 2 tasks.*; stage 1 is blocked \d+ % of the time$/.test(found?.sentence ?? '');
    return isNamed && found !== undefined && (found.stages[1]?.blockedShare ?? 0) >= 0.5 ? { view: found, job: found.job } : undefined;
  });
  expect(view.bottleneck).toBe(2);
  expect(view.stages.map(({ verdict }) => verdict)).toEqual(['blocked', 'blocked', 'busy', expect.stringMatching(/^(starved|idle)$/)]);
  const told = await runCli(['explain', '--job', job], { cwd });
  // On a busy machine one of its tasks may be named by now.
  expect(told.text).toMatch(/^(stage 2 \(awk\) is limited by|task 2-\d holds stage 2 back:) .*\n\nSTAGE {2}NAME +TASKS +IS +BUSY +BLOCKED\n[^]* 2 {2}awk +2 {2}busy +\d+ % +\d+ %\n[^]*\n {2}stage 2 \(awk\), 2 tasks: busy \d+ %, /);

  const leader = await readLeaderFile(join(cwd, '.rainstorm', 'jobs', job));
  const client = new ControlClient(leader?.url ?? '', leader?.token ?? '');
  const victim = (await client.call(leaderRoutes.workers, undefined)).find(({ tasks }) => tasks > 0);
  expect(victim?.cpuShare).toBeGreaterThan(0);
  const { pid } = await client.call(leaderRoutes.killWorker, undefined, { params: { worker: victim?.worker ?? '' } });
  expect(pid).toBe(victim?.pid);
  const marks = await waitFor('its tasks to be started again elsewhere', async () => {
    const history = await client.call(leaderRoutes.history, undefined, { params: { job } });
    return history.marks.some(({ kind }) => kind === 'restart') ? history.marks.map(({ text }) => text) : undefined;
  });
  expect(marks).toEqual(expect.arrayContaining([`worker ${victim?.worker} was killed on request`, `worker ${victim?.worker} died of SIGKILL`]));
  run.kill('SIGINT');
  await run.result;
  const after = await runCli(['explain', '--job', job], { cwd });
  expect(after.text).toMatch(/^the job has ended: cancelled; while it ran, stage 2 \(awk\) was the busiest, \d+ % of the time\n/);
});
