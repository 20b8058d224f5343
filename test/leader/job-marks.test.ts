import { expect, test } from 'vitest';
import type { Mark } from '../../src/control/views.ts';
import { JobMarks, type Restart } from '../../src/leader/job-marks.ts';

function marks(): { readonly marks: JobMarks; readonly told: [Mark, Restart | undefined][] } {
  let now = 0;
  const all = new JobMarks(() => ++now);
  const told: [Mark, Restart | undefined][] = [];
  all.listen((mark, restart) => told.push([mark, restart]));
  return { marks: all, told };
}

function task(attempt: number, generation = 1) {
  return { stage: 1, index: 0, generation, attempt };
}

test('a greater attempt is a restart; the first that is heard of a task, or of its next generation, is none', () => {
  const { marks: all, told } = marks();
  for (const status of [task(1), task(1), task(2), task(1, 2), task(3, 2)]) all.heard(status, 'w1');
  expect(told).toEqual([
    [{ atMs: 1, kind: 'restart', stage: 1, index: 0, worker: 'w1', text: 'task 1-0 was started again, attempt 2 on w1' }, { stage: 1, index: 0, attempt: 2, worker: 'w1' }],
    [{ atMs: 2, kind: 'restart', stage: 1, index: 0, worker: 'w1', text: 'task 1-0 was started again, attempt 3 on w1' }, { stage: 1, index: 0, attempt: 3, worker: 'w1' }],
  ]);
});

test('a state is told once, a failure with its reason', () => {
  const { marks: all } = marks();
  all.state('running');
  all.state('running');
  all.state('failed', 'it broke');
  all.state('failed', 'it broke');
  expect(all.all.map(({ text }) => text)).toEqual(['running', 'failed: it broke']);
});

test('a change in a number of tasks is told as it begins and ends; advice that is repeated is not', () => {
  const { marks: all } = marks();
  const record = { number: 1, at: '', stage: 2, from: 1, to: 3, reason: 'on request' } as const;
  all.scaling({ kind: 'advice', stage: 2, text: 'more' });
  all.scaling({ kind: 'advice', stage: 2, text: 'more' });
  all.scaling({ kind: 'scale', record: { ...record, outcome: 'begun' } });
  all.scaling({ kind: 'scale', record: { ...record, outcome: 'refused', why: 'it ended' } });
  all.scaling({ kind: 'advice', stage: 2, text: 'more' });
  expect(all.all.map(({ kind, text }) => `${kind} ${text}`)).toEqual(['advice more', 'scale stage 2: 1 -> 3 begun, on request', 'scale stage 2: 1 -> 3 refused, it ended', 'advice more']);
});

test('of many the oldest are gone, and how many is known', () => {
  const { marks: all } = marks();
  for (let kill = 0; kill < 700; kill++) all.add({ kind: 'kill', text: `kill ${kill}` });
  expect([all.all.length, all.all[0]?.text, all.all.at(-1)?.text, all.lost]).toEqual([500, 'kill 200', 'kill 699', 200]);
});

test('who does not listen any more is told nothing', () => {
  const { marks: all } = marks();
  const told: Mark[] = [];
  const off = all.listen((mark) => told.push(mark));
  all.add({ kind: 'worker', worker: 'w1', text: 'worker w1 joined' });
  off();
  all.add({ kind: 'worker', worker: 'w2', text: 'worker w2 joined' });
  expect(told).toHaveLength(1);
});
