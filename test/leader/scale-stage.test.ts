import { describe, expect, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { scaleStage } from '../../src/leader/scale-stage.ts';
import { failureOf } from '../cli/harness.ts';
import { ScalableTestJob } from './scalable-job.ts';

const UP = { stage: 1, from: 1, to: 4, reason: 'too much to do' };

describe('a stage that is given other tasks', () => {
  test('has them in the end, which the log says with how long it took', async () => {
    const job = new ScalableTestJob([{}]);
    const scaled = scaleStage(job, UP);
    expect(job.logged).toEqual(['SCALE job=j stage 1: 1 -> 4, too much to do']);
    await job.clock.advance(1_500);
    job.asked[0]?.done();
    await scaled;
    expect(job.logged[1]).toBe('SCALED job=j stage 1: 1 -> 4, took 1.50 s');
  });

  test('or keeps those it has, which is said as well', async () => {
    const job = new ScalableTestJob([{}]);
    const scaled = scaleStage(job, UP);
    job.asked[0]?.refuse(new RainstormError('NOT_SCALABLE', 'it cannot be'));
    expect(await failureOf(() => scaled)).toContain('NOT_SCALABLE it cannot be');
    expect(job.logged[1]).toBe('NOT-SCALED job=j stage 1: 1 -> 4: it cannot be');
    expect(job.scaling.records[0]).toMatchObject({ outcome: 'refused', why: 'it cannot be' });
  });

  test.each([
    ['the job ended first', new Date(), 'job j has ended'],
    ['its input ended first, or somebody asked for another number', undefined, 'another number was asked for meanwhile, its input came to its end, or the job is ending'],
  ])('has not got them where %s', async (_, endedAt, why) => {
    const job = new ScalableTestJob([{}]);
    job.scale = async () => {
      job.endedAt = endedAt;
    };
    expect(await failureOf(() => scaleStage(job, UP))).toContain(`NOT_SCALABLE stage 1 has not got 4 tasks, and has 1: ${why}`);
    expect(job.scaling.records[0]).toMatchObject({ outcome: 'refused' });
  });
});
