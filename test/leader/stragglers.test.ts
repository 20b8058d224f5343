import { describe, expect, test } from 'vitest';
import { hashBytes, partitionOf } from '../../src/job/partition.ts';
import type { JobPlan, Partitioning } from '../../src/job/plan.ts';
import type { TaskStatus } from '../../src/job/task-status.ts';
import type { TaskRate } from '../../src/leader/rates.ts';
import { describeStraggler, findStraggler, type MeasuredJob, type Straggler } from '../../src/leader/stragglers.ts';
import { stagePlan } from '../task/stage-plan.ts';

const TASKS = 4;

/** A key that goes to this task. */
function keyOf(index: number, name = 'key'): string {
  for (let number = 0; ; number++) {
    const bytes = Buffer.from(`${name}${number}`);
    if (partitionOf(hashBytes(bytes, 0, bytes.length), TASKS) === index) return bytes.toString();
  }
}

const REST: Omit<JobPlan, 'stages'> = { source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C', lineBuffered: false, logTuples: 'off' };

interface Situation {
  readonly partitioning?: Partitioning;
  readonly tasks?: number;
  /** Of the stage's tasks. */
  readonly busy: readonly number[];
  readonly inRates?: readonly number[];
  readonly hotKeys?: TaskStatus['hotKeys'];
}

/** A source, and one stage behind it. */
function found({ partitioning = { kind: 'column', column: 1 }, tasks = TASKS, busy, inRates = busy.map(() => 100), hotKeys }: Situation): Straggler | undefined {
  const rate = (change: Partial<TaskRate>): TaskRate => ({ inRate: 0, outRate: 0, busyShare: 0, blockedShare: 0, backlogBytes: 0, ...change });
  const job: MeasuredJob = {
    topology: { plan: { stages: [{ ...stagePlan(), number: 1, tasks, partitioning }], ...REST }, parts: false },
    statuses: new Map([['0-0', { hotKeys } as TaskStatus]]),
    rates: { of: ({ stage, index }) => (stage === 0 ? rate({ outRate: 400 }) : rate({ busyShare: busy[index] ?? 0, inRate: inRates[index] ?? 0 })) },
  };
  return findStraggler(job, 1);
}

describe('a task that holds its stage back', () => {
  test('is one that cannot do more while the others could', () => {
    expect(found({ busy: [0.2, 0.99, 0.3, 0.1], inRates: [100, 700, 100, 100] })).toEqual({
      stage: 1, index: 1, busyShare: 0.99, othersBusyShare: expect.closeTo(0.2), inShare: 0.7, hotKeys: [],
    });
  });

  test.each([
    ['all are as busy', [0.97, 0.95, 0.99, 0.96]],
    ['it could do more itself', [0.1, 0.8, 0.1, 0.1]],
    ['nothing runs', [0, 0, 0, 0]],
  ])('is none where %s', (_, busy) => {
    expect(found({ busy })).toBeUndefined();
  });

  test('is none where it is alone', () => {
    expect(found({ tasks: 1, busy: [1] })).toBeUndefined();
  });

  test('is told with the frequent keys that go there, and no others', () => {
    const [hot, warm, other] = [keyOf(1), keyOf(1, 'warm'), keyOf(2)];
    const straggler = found({
      busy: [0.2, 1, 0.3, 0.1], inRates: [100, 700, 100, 100],
      hotKeys: [{ key: hot, share: 0.55 }, { key: other, share: 0.2 }, { key: warm, share: 0.1 }, { key: 'k'.repeat(64), share: 0.09 }],
    });
    expect(straggler?.hotKeys).toEqual([{ key: hot, share: 0.55 }, { key: warm, share: 0.1 }]);
    expect(describeStraggler(straggler as Straggler)).toBe(
      `task 1-1 holds stage 1 back: it is busy 100 % of the time, the others 20 %; it gets 70 % of the tuples; frequent keys that go there: "${hot}" 55 %, "${warm}" 10 % of all`,
    );
  });

  test('where tuples are spread it is told without keys', () => {
    const straggler = found({ partitioning: { kind: 'spread' }, busy: [0.2, 1, 0.3, 0.1], hotKeys: [{ key: keyOf(1), share: 0.5 }] });
    expect(describeStraggler(straggler as Straggler)).toBe('task 1-1 holds stage 1 back: it is busy 100 % of the time, the others 20 %; it gets 25 % of the tuples');
  });
});
