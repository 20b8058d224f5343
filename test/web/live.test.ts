import { describe, expect, test } from 'vitest';
import { viewOf, tasksOf } from '../../web/dev/made-up-jobs.ts';
import { scenes } from '../../web/dev/scenes.ts';
import { EMPTY_PICTURE, afterEvents, hasUnknownTasks, tasksAtEnd, type JobPicture } from '../../web/src/live/job-picture.ts';
import { NO_HISTORY, withPoint } from '../../web/src/live/rates-history.ts';
import { conditionOf, countConditions } from '../../web/src/live/task-state.ts';
import { patternOf } from '../../web/src/live/log-feed.ts';

const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
const [made] = scenes(NOW_MS);
if (made === undefined) throw new Error('there is no scene');
const view = viewOf(made, NOW_MS);
const picture: JobPicture = { ...EMPTY_PICTURE, view, tasks: tasksOf(made, NOW_MS) };

function rates(atMs: number, tasks: readonly object[], stages: readonly object[] = []) {
  return { event: 'rates', data: { atMs, stages, tasks } };
}

describe('a picture of a job', () => {
  const [first, second] = picture.tasks;

  test('has the newest rates, and keeps what has not changed, so that it is not drawn again', () => {
    const after = afterEvents(picture, [rates(NOW_MS, [{ ...first }, { ...second, inRate: 7 }], [{ stage: 1, tasks: 5, inRate: 12, outRate: 3, busyShare: 0.5, blockedShare: 0, backlogBytes: 9 }])], NOW_MS);
    expect(after.tasks[0]).toBe(first);
    expect(after.tasks[1]).toEqual({ ...second, inRate: 7 });
    expect(after.view?.stages[1]).toMatchObject({ tasks: 5, inRate: 12, backlogBytes: 9, inTuples: view.stages[1]?.inTuples });
    expect(after.history.points).toHaveLength(1);
  });

  test('loses the tasks that are gone, and knows when there are others', () => {
    const events = [rates(NOW_MS, [{ ...first }])];
    expect(afterEvents(picture, events, NOW_MS).tasks).toHaveLength(1);
    expect(hasUnknownTasks(picture, events)).toBe(false);
    expect(hasUnknownTasks(picture, [rates(NOW_MS, [{ ...first, index: 900 }])])).toBe(true);
  });

  test('has nothing at work any more when its job has ended', () => {
    const states = ['running', 'failed', 'finished', 'stalled'];
    expect(tasksAtEnd(states.flatMap((state) => (first === undefined ? [] : [{ ...first, state }]))).map(({ state }) => state)).toEqual(['stopped', 'failed', 'finished', 'stopped']);
  });

  test('has the last word on each change in numbers of tasks, and every mark', () => {
    const record = { number: 1, at: '', stage: 2, from: 1, to: 2, reason: 'asked for' };
    const mark = { atMs: NOW_MS, kind: 'restart', text: 'task 1-0 was started again' };
    const after = afterEvents(picture, [{ event: 'scale', data: { ...record, outcome: 'begun' } }, { event: 'mark', data: mark }, { event: 'scale', data: { ...record, outcome: 'done' } }], NOW_MS);
    expect(after.view?.scaled).toEqual([{ ...record, outcome: 'done' }]);
    expect(after.history.marks).toEqual([mark]);
  });
});

test('a history that goes on for days keeps a bounded number of points, evenly', () => {
  let history = NO_HISTORY;
  for (let second = 0; second < 10_000; second++) history = withPoint(history, { atMs: second * 1_000, stages: [] });
  expect(history.points.length).toBeLessThanOrEqual(1_800);
  const steps = history.points.slice(1).map((point, index) => point.atMs - (history.points[index]?.atMs ?? 0));
  expect(Math.max(...steps)).toBeLessThanOrEqual(2 * Math.min(...steps));
});

test('a task is told by what it does most', () => {
  const task = { state: 'running', busyShare: 0, blockedShare: 0, inRate: 5, outRate: 5 };
  const told = (change: Partial<typeof task>, isOperator = true) => conditionOf({ ...task, ...change }, isOperator);
  expect(told({ busyShare: 0.95 })).toBe('busy');
  expect(told({ busyShare: 0.4 })).toBe('partly');
  expect(told({ busyShare: 0.4, blockedShare: 0.6 })).toBe('blocked');
  expect(told({})).toBe('starved');
  expect(told({}, false)).toBe('running');
  expect(told({ state: 'stalled', busyShare: 1 })).toBe('stalled');
  expect(told({ state: 'finished' })).toBe('ended');
  expect(countConditions(['busy', 'failed', 'busy'])).toEqual([['failed', 1], ['busy', 2]]);
});

test('a search within a kind of lines finds what both find', () => {
  const found = (kind: 'all' | 'events' | 'output' | 'stderr', search: string, line: string) => new RegExp(patternOf(kind, search)).test(line);
  const output = '2026-03-01T12:00:00.000Z OUTPUT 1-0#4 Harbour,12';
  const event = '2026-03-01T12:00:00.000Z EXIT status=0';
  expect([found('all', 'Harbour|x', output), found('output', 'Harbour|x', output), found('output', '', output)]).toEqual([true, true, true]);
  expect([found('events', 'Harbour', output), found('stderr', '', output), found('output', 'x|y', output)]).toEqual([false, false, false]);
  expect([found('events', '', event), found('events', '^2026.*0$', event)]).toEqual([true, true]);
  // What is no regular expression is for the leader to refuse.
  expect(patternOf('output', '(')).toBe('(');
});
