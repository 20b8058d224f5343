import { expect, test } from 'vitest';
import { scale } from '../../src/cli/scale.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import { cluster, deadJob, endedJob, failureOf, screen } from './harness.ts';

test('what no stage can have is refused before a job is looked for', async () => {
  const { dataDir } = await cluster({ workers: 0 });
  const failure = (stage: string, tasks: string) => failureOf(() => scale({ dataDir, stage, tasks, json: false }, screen().terminal));
  for (const tasks of ['0', '257', '-1', '2.5', 'two', '']) expect(await failure('1', tasks)).toBe(`USAGE "${tasks}" is no number of tasks\n> A stage has 1 to 256 tasks, as in rainstorm scale 2 4.`);
  for (const stage of ['1-0', 'filter', '-1', '']) expect(await failure(stage, '2')).toContain(`USAGE "${stage}" is no number of a stage\n> As in rainstorm scale 2 4`);
});

test('a stage that is not there, the source and the sink are refused with what there is', async () => {
  const { dataDir, submit } = await cluster();
  await submit('a');
  const failure = (stage: string) => failureOf(() => scale({ dataDir, stage, tasks: '3', json: false }, screen().terminal));
  const there = '> Its stages: 1 (cat), 2 (tr).';
  expect(await failure('4')).toBe(`UNKNOWN_STAGE job a has no stage 4\n${there}`);
  expect(await failure('0')).toBe(`NOT_SCALABLE stage 0 is the source, which has one task\n${there}`);
  expect(await failure('3')).toBe(`NOT_SCALABLE stage 3 is the sink, whose tasks follow from the destination\n${there}`);
});

test('a job that does not run, or is over, is refused', async () => {
  const { dataDir, submit } = await cluster({ workers: 0 });
  await endedJob(dataDir, 'over');
  await deadJob(dataDir, 'dead');
  await submit('waiting');
  const failure = (job: string) => failureOf(() => scale({ dataDir, job, stage: '1', tasks: '3', json: false }, screen().terminal));
  expect(await failure('over')).toContain('NO_LIVE_JOB job over is not live: it has ended (done)');
  expect(await failure('dead')).toContain('NO_LIVE_JOB job dead is not live');
  expect(await failure('waiting')).toContain('NOT_SCALABLE job waiting is not running: it is waiting');
});

test('whoever asks the leader itself is told the same', async () => {
  const { client, submit } = await cluster();
  await submit('a');
  const failure = (stage: string, tasks: number) => failureOf(() => client.call(leaderRoutes.scale, { tasks }, { params: { job: 'a', stage } }));
  expect(await failure('1', 0)).toBe('USAGE 0 tasks are not possible\n> A stage has 1 to 256 tasks.');
  expect(await failure('1', 2.5)).toContain('USAGE 2.5 tasks are not possible');
  expect(await failure('cat', 2)).toContain('USAGE "cat" is no number of a stage');
  expect(await failureOf(() => client.call(leaderRoutes.scale, { tasks: 2 }, { params: { job: 'b', stage: '1' } }))).toContain('UNKNOWN_JOB there is no job b here');
});
