import { describe, expect, test } from 'vitest';
import type { TaskLoad, TaskStatus } from '../../src/job/task-status.ts';
import { Rates, type TaskRate } from '../../src/leader/rates.ts';

const TASK = { stage: 1, generation: 1, index: 0 };

function status(counts: { inTuples?: number; outTuples?: number; load?: Partial<TaskLoad> }): TaskStatus {
  const { inTuples = 0, outTuples = 0, load } = counts;
  return {
    ...TASK, attempt: 1, state: 'running', groups: [], inTuples, outTuples,
    ...(load === undefined ? {} : { load: { upMs: 0, workingMs: 0, blockedMs: 0, backlogBytes: 0, ...load } }),
  };
}

/** What is known after these reports, one a second. */
function after(...reports: readonly TaskStatus[]): TaskRate {
  const rates = new Rates();
  for (const [second, report] of reports.entries()) rates.update(report, second * 1000);
  return rates.of(TASK);
}

describe('a task\'s rates', () => {
  test('are unknown before the second report', () => {
    expect(after(status({ inTuples: 5 }))).toMatchObject({ inRate: 0, outRate: 0 });
  });

  test('are those of the last three seconds', () => {
    const counts = [0, 1000, 1100, 1200, 1300, 1400].map((inTuples) => status({ inTuples, outTuples: inTuples / 10 }));
    expect(after(...counts)).toMatchObject({ inRate: 100, outRate: 10 });
    expect(after(...counts.slice(0, 4))).toMatchObject({ inRate: 400, outRate: 40 });
  });

  test('begin anew with a task that is hosted anew', () => {
    expect(after(status({ inTuples: 5000 }), status({ inTuples: 300 }))).toMatchObject({ inRate: 300 });
  });

  test('are not made of reports that follow each other at once', () => {
    const rates = new Rates();
    rates.update(status({ inTuples: 0 }), 0);
    rates.update(status({ inTuples: 50 }), 10);
    expect(rates.of(TASK).inRate).toBe(0);
    rates.update(status({ inTuples: 100 }), 1000);
    expect(rates.of(TASK).inRate).toBe(100);
    expect(rates.of({ stage: 1, index: 1 }).inRate).toBe(0);
  });
});

describe('a task\'s shares', () => {
  test('are those of the time in which its operator ran', () => {
    const load = after(
      status({ load: { upMs: 0 } }),
      status({ load: { upMs: 500, workingMs: 200, blockedMs: 100, backlogBytes: 7 } }),
    );
    expect(load).toMatchObject({ busyShare: 0.4, blockedShare: 0.2, backlogBytes: 7 });
  });

  test('take the processor\'s time where that is more, and never more than all', () => {
    expect(after(status({ load: { cpuMs: 0 } }), status({ load: { upMs: 1000, workingMs: 100, cpuMs: 600 } })).busyShare).toBe(0.6);
    expect(after(status({ load: { cpuMs: 0 } }), status({ load: { upMs: 1000, cpuMs: 1700 } })).busyShare).toBe(1);
  });

  test('of one that never ran are none', () => {
    expect(after(status({}), status({}))).toMatchObject({ busyShare: 0, blockedShare: 0, backlogBytes: 0 });
  });
});
