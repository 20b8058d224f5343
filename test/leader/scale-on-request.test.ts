import { describe, expect, test } from 'vitest';
import { scaleOnRequest } from '../../src/leader/scale-on-request.ts';
import { failureOf } from '../cli/harness.ts';
import { ScalableTestJob } from './scalable-job.ts';

async function stageFor(job: ScalableTestJob, asked: number): Promise<number | undefined> {
  const reply = scaleOnRequest(job, asked, 3);
  const stage = job.asked[0]?.stage;
  job.asked[0]?.done();
  await reply;
  return stage;
}

describe('the stage that is meant', () => {
  test('is the one that tasks shows under that number', async () => {
    expect(await stageFor(new ScalableTestJob([{}, {}]), 2)).toBe(2);
  });

  test('is the one that others run in, by the number of any of them', async () => {
    const fused = () => new ScalableTestJob([{ number: 3, first: 1 }, { number: 4 }]);
    expect([await stageFor(fused(), 1), await stageFor(fused(), 2), await stageFor(fused(), 3), await stageFor(fused(), 4)]).toEqual([3, 3, 3, 4]);
  });

  test('is the one that tasks shows, also where a stage was put before those of the user', async () => {
    const job = () => new ScalableTestJob([{ number: 1 }, { number: 2, asked: 1 }, { number: 4, first: 2, asked: 3 }]);
    expect([await stageFor(job(), 1), await stageFor(job(), 2), await stageFor(job(), 3), await stageFor(job(), 4)]).toEqual([1, 2, 4, 4]);
  });
});

describe('a request is refused before anybody hears of it', () => {
  const refusal = async (stage: number, tasks: number) => {
    const job = new ScalableTestJob([{ name: 'grep' }]);
    const told = await failureOf(() => scaleOnRequest(job, stage, tasks));
    expect([job.asked, job.logged, job.scaling.records]).toEqual([[], [], []]);
    return told;
  };

  test.each([0, 257, -1, 1.5, NaN])('for %s tasks', async (tasks) => {
    expect(await refusal(1, tasks)).toBe(`USAGE ${tasks} tasks are not possible\n> A stage has 1 to 256 tasks.`);
  });

  test('for a stage that there is not', async () => {
    expect(await refusal(7, 2)).toBe('UNKNOWN_STAGE job j has no stage 7\n> Its stages: 1 (grep).');
  });
});

test('who asks is told how many tasks there were, and how many there are', async () => {
  const job = new ScalableTestJob([{ name: 'grep' }]);
  const reply = scaleOnRequest(job, 1, 3);
  job.asked[0]?.done();
  expect(await reply).toEqual({ job: 'j', stage: 1, name: 'grep', from: 1, to: 3 });
  expect(job.logged[0]).toBe('SCALE job=j stage 1: 1 -> 3, on request');
});
