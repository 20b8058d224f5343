import { describe, expect, test } from 'vitest';
import { explainJob, type ExplainedJob, type ExplainedStage } from '../../src/leader/explain.ts';
import type { Straggler } from '../../src/leader/stragglers.ts';

type Task = Partial<ExplainedStage['tasks'][number]>;

const TASK = { state: 'running', inRate: 1000, outRate: 1000, busyShare: 0, blockedShare: 0, backlogBytes: 0 } as const;

function stage(number: number, name: string, kind: ExplainedStage['kind'], ...tasks: Task[]): ExplainedStage {
  return { stage: number, name, kind, tasks: tasks.map((task, index) => ({ index, ...TASK, ...task })) };
}

interface Measures {
  readonly source?: Task;
  readonly grep?: readonly Task[];
  readonly awk?: readonly Task[];
  readonly sink?: Task;
}

function job({ source = {}, grep = [{}], awk = [{}], sink = {} }: Measures, more: Partial<ExplainedJob> = {}): ExplainedJob {
  return {
    job: 'a', state: 'running', stragglers: [],
    stages: [stage(0, 'source', 'source', source), stage(1, 'grep', 'operator', ...grep), stage(2, 'awk', 'operator', ...awk), stage(3, 'sink', 'sink', sink)],
    ...more,
  };
}

/** The sentence, the stage that it names, and what each stage does. */
function explained(of: ExplainedJob) {
  const { sentence, bottleneck, stages } = explainJob(of);
  return [sentence, bottleneck, stages.map(({ verdict }) => verdict).join(' ')];
}

const SLOW: Task = { busyShare: 0.98, cpuShare: 0.98 };
const HELD: Task = { busyShare: 0.2, blockedShare: 0.71 };

describe('an operator is the limit', () => {
  test('with its processor time, in so many of its tasks, and what that does to the stage before', () => {
    expect(explained(job({ grep: [HELD], awk: [SLOW, SLOW, SLOW] }))).toEqual([
      'stage 2 (awk) is limited by its operator: 98 % CPU in 3 of 3 tasks; stage 1 is blocked 71 % of the time', 2, 'blocked blocked busy starved',
    ]);
  });

  test('that waits for something else, or of which no processor time is known', () => {
    expect(explained(job({ awk: [{ busyShare: 0.97, cpuShare: 0.04 }] }))[0]).toBe(
      'stage 2 (awk) is limited by its operator: busy 97 % of the time in 1 of 1 task, with 4 % CPU, so it waits for something else, or for a processor');
    expect(explained(job({ awk: [{ busyShare: 0.97 }, { busyShare: 0.95 }] }))[0]).toBe('stage 2 (awk) is limited by its operator: busy 96 % of the time in 2 of 2 tasks');
  });

  test('that of the first stage, which the source waits for', () => {
    expect(explained(job({ source: { blockedShare: 0.87 }, grep: [SLOW] }))).toEqual([
      'stage 1 (grep) is limited by its operator: 98 % CPU in 1 of 1 task; the source is blocked 87 % of the time', 1, 'blocked busy starved starved',
    ]);
  });

  test('EX2: of two that are full, the one that waits for nobody, and then the first', () => {
    expect(explained(job({ grep: [{ ...SLOW, blockedShare: 0.3 }], awk: [SLOW] }))[1]).toBe(2);
    expect(explained(job({ grep: [SLOW], awk: [SLOW] }))[1]).toBe(1);
    expect(explained(job({ grep: [{ busyShare: 0.85 }], awk: [SLOW] }))[1]).toBe(2);
  });

  test('EX1: not one that is kept by what is behind it, however busy it is', () => {
    expect(explained(job({ grep: [{ busyShare: 0.95, blockedShare: 0.6 }], awk: [{ busyShare: 0.85 }] }))[1]).toBe(2);
  });

  test('one of its tasks, which the others wait for', () => {
    const straggler: Straggler = { stage: 2, index: 1, busyShare: 1, othersBusyShare: 0.1, inShare: 0.9, hotKeys: [{ key: 'Stop', share: 0.85 }] };
    expect(explained(job({ grep: [HELD], awk: [{ busyShare: 0.1 }, { busyShare: 1 }, { busyShare: 0.1 }] }, { stragglers: [straggler] }))).toEqual([
      'task 2-1 holds stage 2 back: it is busy 100 % of the time, the others 10 %; it gets 90 % of the tuples; frequent keys that go there: "Stop" 85 % of all; stage 1 is blocked 71 % of the time',
      2, 'blocked blocked busy starved',
    ]);
  });

  test('though it is not seen to be busy: the stage before it is blocked', () => {
    expect(explained(job({ grep: [HELD], awk: [{ busyShare: 0.4 }] }))).toEqual([
      'stage 2 (awk) is the limit: stage 1 is blocked 71 % of the time, though its operator is busy only 40 % of it', 2, 'blocked blocked busy starved',
    ]);
  });
});

test('the sink is the limit where the last stage is blocked', () => {
  expect(explained(job({ grep: [HELD], awk: [{ busyShare: 0.1, blockedShare: 0.9 }] }))).toEqual([
    'the sink is the limit: stage 2 is blocked 90 % of the time, since what takes its output has no room', 3, 'blocked blocked blocked busy',
  ]);
});

describe('EX3: the source is the limit', () => {
  const calm = { grep: [{ busyShare: 0.12 }], awk: [{ busyShare: 0.34 }] };

  test('by the rate that was asked for', () => {
    expect(explained(job(calm, { wantedRate: 1000 }))).toEqual([
      'the source is limited by its rate of 1000 tuples a second; the busiest stage is 2 (awk), 34 % of the time', 0, 'busy starved starved starved',
    ]);
  });

  test('by what it reads', () => {
    expect(explained(job(calm, { wantedRate: 5000 }))[0]).toBe('the source is the limit: it gives 1000 tuples a second, and nobody keeps it from giving more; the busiest stage is 2 (awk), 34 % of the time');
    expect(explained(job(calm))[1]).toBe(0);
  });

  test('nothing is where no input comes', () => {
    const still: Task = { inRate: 0, outRate: 0 };
    expect(explained(job({ source: still, grep: [still], awk: [still], sink: still }))).toEqual([
      'nothing limits the job: it waits for input, and none has come in the last seconds', undefined, 'idle idle idle idle',
    ]);
    expect(explained(job({ source: still, grep: [still], awk: [still], sink: still }, { ageMs: 1_500 }))[0]).toBe('it is too early to say what limits the job: nothing has been measured yet');
  });

  test('nor where it has been read', () => {
    expect(explained(job({ source: { state: 'finished' }, grep: [{ state: 'finished' }] }))).toEqual([
      'the source has been read to its end, and what is left is being worked off', undefined, 'ended ended starved starved',
    ]);
  });
});

describe('a job that does not just run', () => {
  test.each([
    ['the job waits for its workers', job({}, { state: 'waiting' })],
    ['every task has finished, and the result is being published', job({}, { state: 'publishing' })],
    ['the job is starting: task 2-0 is not up yet', job({ awk: [{ state: 'starting' }, {}] })],
    ['the job is starting: 2 tasks are not up yet', job({ awk: [{ state: 'starting' }, { state: 'starting' }] })],
    ['stage 2 is being given 4 tasks, and nothing is measured of it meanwhile', job({ awk: [SLOW] }, { rescaling: { stage: 2, tasks: 4 } })],
    ['the job has ended: cancelled', job({ awk: [SLOW] }, { state: 'cancelled' })],
  ])('%s', (sentence, of) => {
    expect(explainJob(of)).toMatchObject({ sentence });
    expect(explainJob(of).bottleneck).toBeUndefined();
  });

  test('but stands still: the task is named', () => {
    expect(explained(job({ awk: [{ state: 'running' }, { state: 'stalled' }] })).slice(0, 2)).toEqual(['task 2-1 stands still: its operator has something to do and does nothing', 2]);
  });

  test('after its end is told by what it was like', () => {
    const before = job({}, { state: 'done' });
    const lives: Record<number, ExplainedStage['life']> = { 1: { busyShare: 0.2, blockedShare: 0.7 }, 2: { busyShare: 0.91, blockedShare: 0 } };
    const ended = { ...before, stages: before.stages.map((one) => ({ ...one, life: lives[one.stage] ?? { busyShare: 0, blockedShare: 0 } })) };
    expect(explained(ended)).toEqual(['the job has ended: done; while it ran, stage 2 (awk) was the busiest, 91 % of the time', undefined, 'ended ended ended ended']);
    expect(explainJob(ended).stages[1]).toMatchObject({ busyShare: 0.2, blockedShare: 0.7 });
    expect(explainJob(ended).evidence[1]).toBe('stage 1 (grep), 1 task: while it ran, busy 20 %, blocked 70 %');
  });
});

test('the evidence has a line for each stage', () => {
  expect(explainJob(job({ source: { blockedShare: 0.5 }, grep: [HELD], awk: [{ ...SLOW, backlogBytes: 4096 }, { ...SLOW, cpuShare: 0.5 }] }, { wantedRate: 2000 })).evidence).toEqual([
    'stage 0 (source), 1 task: gives 1000/s of 2000/s asked for, blocked 50 %',
    'stage 1 (grep), 1 task: busy 20 %, blocked 71 %; in 1000/s, out 1000/s, 0 bytes wait before it',
    'stage 2 (awk), 2 tasks: busy 98 %, blocked 0 %, 74 % CPU; in 2000/s, out 2000/s, 4096 bytes wait before it',
    'stage 3 (sink), 1 task: takes 1000/s',
  ]);
});
