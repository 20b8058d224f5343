import { describe, expect, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { Autoscaler } from '../../src/leader/autoscaler.ts';
import { ScalableTestJob } from './scalable-job.ts';

const POLICY = { kind: 'thresholds', lw: 50, hw: 200 } as const;
const SECOND_MS = 1_000;

/** A job of one stage, or of these, and its autoscaler, by the second. */
function started(stages: readonly Partial<StagePlan>[] = [{}], dryRun = false) {
  const job = new ScalableTestJob(stages, { policy: POLICY, dryRun });
  const autoscaler = new Autoscaler(job.options.log);
  let now = 0;
  return {
    job,
    pass: async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        now += SECOND_MS;
        autoscaler.look([job], now);
        // What a change that has ended leads to happens before the next second.
        await new Promise(setImmediate);
      }
    },
  };
}

const asked = ({ asked: all }: ScalableTestJob) => all.map(({ stage, tasks }) => [stage, tasks]);

describe('a stage with too much to do', () => {
  test('is given more tasks within five seconds, and fewer when the load is gone', async () => {
    const { job, pass } = started();
    await pass(10);
    expect(job.asked).toEqual([]);
    job.rate = 1_000;
    await pass(5);
    expect(asked(job)).toEqual([[1, 7]]);
    expect(job.logged.at(-1)).toMatch(/^SCALE job=j stage 1: 1 -> 7, 1000\/s per task > HW 200, true rate /);
    job.asked[0]?.done();
    await pass(20);
    expect(asked(job)).toEqual([]);
    job.rate = 100;
    await pass(30);
    expect(asked(job)).toEqual([[1, 1]]);
  });

  test('is left alone while that is under way, and so are its neighbours', async () => {
    const { job, pass } = started([{}, {}]);
    job.rate = 1_000;
    await pass(10);
    expect(asked(job)).toEqual([[1, 7], [2, 7]]);
    job.asked[1]?.done();
    job.rate = 3_000;
    await pass(60);
    expect(asked(job)).toEqual([[1, 7]]);
    job.asked[0]?.done();
    await pass(5);
    // The first has just been changed, and cools down.
    expect(asked(job)).toEqual([[2, 20]]);
  });

  test('has its cool-down from the end of the change on', async () => {
    const { job, pass } = started([{ autoscale: { cooldownMs: 20_000 } }]);
    job.rate = 1_000;
    await pass(60);
    job.asked[0]?.done();
    job.rate = 3_000;
    await pass(20);
    expect(asked(job)).toEqual([]);
    await pass(3);
    expect(asked(job)).toEqual([[1, 20]]);
  });

  test('that cannot be given them is said so once, and not asked for again and again', async () => {
    const { job, pass } = started();
    job.rate = 1_000;
    await pass(10);
    job.asked[0]?.refuse(new RainstormError('NOT_SCALABLE', 'it has printed something'));
    await pass(50);
    expect(asked(job)).toEqual([]);
    expect(job.logged.filter((line) => line.startsWith('NOT-SCALED'))).toEqual(['NOT-SCALED job=j stage 1: 1 -> 7: it has printed something']);
  });
});

describe('what a stage says of it', () => {
  test('are the least and the most of its tasks', async () => {
    const { job, pass } = started([{ autoscale: { max: 4 } }, { autoscale: { min: 2 } }]);
    job.rate = 1_000;
    await pass(1);
    expect(asked(job)).toEqual([[2, 2]]);
    job.asked[0]?.done();
    await pass(5);
    expect(asked(job)).toEqual([[1, 4]]);
  });

  test('is that it is left out, which is said where it would have been otherwise', async () => {
    const { job, pass } = started([{ autoscale: { off: true } }]);
    job.rate = 1_000;
    await pass(10);
    expect(asked(job)).toEqual([]);
    expect(job.scaling.advice()).toEqual([expect.stringMatching(/^HOLD stage 1: 1, not 7, 1000\/s per task > HW 200, .*: its autoscale is off$/)]);
    expect(job.logged).toEqual([expect.stringMatching(/^HOLD job=j stage 1: 1, not 7, /)]);
  });

  test('is by which marks it goes', async () => {
    const { job, pass } = started([{ autoscale: { policy: { kind: 'thresholds', lw: 500, hw: 2_000 } } }]);
    job.rate = 1_000;
    await pass(10);
    expect(asked(job)).toEqual([]);
  });
});

test('a dry run says what it would do, and does nothing', async () => {
  const { job, pass } = started([{}], true);
  job.rate = 1_000;
  await pass(10);
  expect(asked(job)).toEqual([]);
  expect(job.scaling.advice()).toEqual([expect.stringMatching(/^SCALE stage 1: 1 -> 7, 1000\/s per task > HW 200/)]);
  expect(job.logged).toEqual([expect.stringMatching(/^DRY-RUN job=j SCALE stage 1: 1 -> 7, /)]);
});
