import { describe, expect, test } from 'vitest';
import { MAX_LOG_LINES } from '../../../src/cli/top/log-keys.ts';
import { listedTasks, selectedTask, startState, type State } from '../../../src/cli/top/state.ts';
import { step } from '../../../src/cli/top/step.ts';
import { taskId } from '../../../src/job/task-id.ts';
import { viewOf } from '../harness.ts';
import { press, shown, stateOf, task } from './fixtures.ts';

const selected = (state: State) => taskId(selectedTask(state) ?? task(9, 9));

describe('the selection', () => {
  test('moves with the arrows, and stays within the list', () => {
    expect(selected(stateOf())).toBe('0-0');
    expect(selected(press(stateOf(), 'down', 'down').state)).toBe('1-1');
    expect(selected(press(stateOf(), 'down', 'up', 'up', 'up').state)).toBe('0-0');
    expect(selected(press(stateOf(), 'end').state)).toBe('3-0');
    expect(selected(press(stateOf(), 'end', 'down', 'home').state)).toBe('0-0');
    expect(selected(press(stateOf({}, shown(100)), 'pagedown').state)).toBe('1-15');
  });

  test('stays on its task when that is sorted elsewhere, and near its place when that is gone', () => {
    const state = press(stateOf(), 'down', 'down', 'down').state;
    expect(selected(state)).toBe('1-2');
    expect(selected(press(state, 'o', 'o', 'r').state)).toBe('1-2');
    const fewer = step(state, { kind: 'shown', shown: shown(1) }).state;
    expect(selected(fewer)).toBe('2-1');
    expect(selected(step(fewer, { kind: 'shown', shown: { ...shown(), tasks: [] } }).state)).toBe('9-9');
  });

  test('left and right list the tasks of one stage alone, around to all of them', () => {
    const only = (state: State) => [...new Set(listedTasks(state).map(({ stage }) => stage))];
    expect(only(press(stateOf(), 'right', 'right').state)).toEqual([1]);
    expect(selected(press(stateOf(), 'right', 'right').state)).toBe('1-0');
    expect(only(press(stateOf(), 'left').state)).toEqual([3]);
    expect(only(press(stateOf(), 'left', 'right').state)).toEqual([0, 1, 2, 3]);
  });

  test('tasks are sorted by each column, those that are alike by place', () => {
    const byBusy = press(stateOf({ sort: { column: 'out', descending: true } }), 'o').state;
    expect(listedTasks(byBusy).map(taskId)).toEqual(['1-1', '1-0', '1-2', '0-0', '2-0', '2-1', '3-0']);
    expect(listedTasks(press(byBusy, 'r').state).map(taskId)).toEqual(['0-0', '2-0', '2-1', '3-0', '1-0', '1-2', '1-1']);
  });
});

describe('killing', () => {
  const onTask = press(stateOf(), 'down', 'down').state;

  test('asks first, and only a y kills', () => {
    const asked = press(onTask, 'k');
    expect(asked.effects).toEqual([]);
    expect(asked.state.prompt).toMatchObject({ kind: 'kill', task: { stage: 1, index: 1 } });
    expect(press(asked.state, 'y')).toMatchObject({ effects: [{ kind: 'kill', task: '1-1' }], state: { prompt: undefined } });
    for (const key of ['n', 'return', 'escape', 'q', 'k', ' ']) expect(press(asked.state, key)).toMatchObject({ effects: [], state: { prompt: undefined, message: { text: 'nothing was killed' } } });
  });

  test('means the task that was asked for, even if another stands in its place by now', () => {
    const asked = press(onTask, 'k').state;
    const now = step(asked, { kind: 'shown', shown: shown(1) }).state;
    expect(press(now, 'y').effects).toEqual([{ kind: 'kill', task: '1-1' }]);
  });

  test('is refused for what has no operator, and when the job has ended', () => {
    expect(press(stateOf(), 'k').state).toMatchObject({ prompt: undefined, message: { kind: 'failed', text: expect.stringContaining('task 0-0 is the source') } });
    const starting = stateOf({ selectedTask: '1-0' }, { ...shown(), tasks: [task(1, 0, { pid: null })] });
    expect(press(starting, 'k').state.message?.text).toContain('no operator that runs');
    expect(press(stateOf({ selectedTask: '1-0' }, shown(1, { state: 'done' })), 'k').state.message?.text).toBe('the job has ended');
  });
});

describe('scaling', () => {
  test('asks for the number; that of the stage whose tasks are listed, or of the selected task', () => {
    const asked = press(stateOf(), 'down', 's');
    expect(asked.state.prompt).toEqual({ kind: 'scale', stage: 1, name: 'filter', tasks: 3, text: '' });
    expect(press(asked.state, '1', '2', 'backspace', 'return').effects).toEqual([{ kind: 'scale', stage: 1, tasks: 1 }]);
    expect(press(stateOf(), 'left', 'left', 's').state.prompt).toMatchObject({ stage: 2 });
  });

  test('nothing, or another key, changes nothing; a number that cannot be is asked for again', () => {
    const asked = press(stateOf(), 'down', 's').state;
    for (const keys of [['return'], ['escape'], ['4', 'escape'], ['4', 'k']]) expect(press(asked, ...keys)).toMatchObject({ effects: [], state: { prompt: undefined, message: { text: 'nothing was changed' } } });
    expect(press(asked, '0', 'return')).toMatchObject({ effects: [], state: { prompt: { text: '' }, message: { kind: 'failed' } } });
    expect(press(asked, '9', '9', '9', '9').state.prompt).toMatchObject({ text: '999' });
    expect(press(asked, '9', '9', '9', 'return').effects).toEqual([]);
  });

  test('is refused for source and sink', () => {
    expect(press(stateOf(), 's').state.message?.text).toContain('stage 0 is the source');
    expect(press(stateOf(), 'end', 's').state.message?.text).toContain('stage 3 is the sink');
  });
});

describe('a log', () => {
  const opened = press(stateOf(), 'down', 'l');
  const grown = step(opened.state, { kind: 'log', task: '1-0', lines: Array.from({ length: 100 }, (_, line) => `line ${line}`) }).state;

  test('opens on the selected task, and Esc leads back', () => {
    expect(opened.effects).toEqual([{ kind: 'open-log', task: '1-0' }]);
    expect(press(grown, 'escape')).toMatchObject({ effects: [{ kind: 'close-log' }], state: { screen: 'job', log: undefined } });
    expect(press(grown, 'q').effects).toEqual([{ kind: 'close-log' }]);
  });

  test('is followed until one scrolls up, and again from its end on', () => {
    expect(grown.log?.last).toBeUndefined();
    const up = press(grown, 'up').state;
    expect(up.log?.last).toBe(98);
    const more = step(up, { kind: 'log', task: '1-0', lines: ['one more'] }).state;
    expect(more.log?.last).toBe(98);
    expect(press(more, 'end').state.log?.last).toBeUndefined();
    expect(press(more, 'down', 'down').state.log?.last).toBeUndefined();
    expect(press(grown, 'home').state.log?.last).toBe(21);
    expect(press(grown, 'pageup', 'pageup').state.log?.last).toBe(55);
  });

  test('holds so many lines and no more, and stays where one reads', () => {
    const up = press(grown, 'pageup').state;
    const full = step(up, { kind: 'log', task: '1-0', lines: Array.from({ length: MAX_LOG_LINES }, () => 'x') }).state;
    expect(full.log).toMatchObject({ forgotten: 100, last: 0 });
    expect(full.log?.lines).toHaveLength(MAX_LOG_LINES);
  });

  test('lines of one that was left are not taken for those of another', () => {
    const other = press(grown, 'escape', 'down', 'l').state;
    expect(step(other, { kind: 'log', task: '1-0', lines: ['late'] }).state.log?.lines).toEqual([]);
  });
});

describe('several jobs', () => {
  const start = startState({ rows: 24, columns: 80, jobs: [{ job: 'b', view: viewOf('b') }, { job: 'a', view: undefined }] });

  test('one is chosen from the list, and Esc leads back to it', () => {
    const chosen = press(start, 'down', 'return');
    expect(chosen).toMatchObject({ effects: [{ kind: 'choose', job: 'a' }], state: { screen: 'job', shown: undefined } });
    expect(press(chosen.state, 'escape')).toMatchObject({ effects: [{ kind: 'choose', job: undefined }], state: { screen: 'jobs' } });
  });

  test('the list may become empty', () => {
    const empty = step(start, { kind: 'jobs', jobs: [] }).state;
    expect(press(empty, 'down', 'return').effects).toEqual([]);
  });
});

test('a leader that goes away leaves what was known on the screen, since then', () => {
  const first = step(stateOf(), { kind: 'gone', atMs: 1_000, why: 'nobody answers' }).state;
  const later = step(first, { kind: 'gone', atMs: 9_000, why: 'still nobody' }).state;
  expect(later).toMatchObject({ gone: { sinceMs: 1_000, why: 'still nobody' }, shown: { view: { job: 'a' } } });
  expect(step(later, { kind: 'shown', shown: shown() }).state.gone).toBeUndefined();
});

test('Ctrl-C quits wherever it is pressed, q wherever it does not lead back', () => {
  for (const state of [stateOf(), press(stateOf(), 'w').state, press(stateOf(), 'l').state, press(stateOf(), 'down', 'k').state]) {
    expect(press(state, 'ctrl-c').effects).toEqual([{ kind: 'quit' }]);
  }
  expect(press(stateOf(), 'q').effects).toEqual([{ kind: 'quit' }]);
  expect(press(stateOf(), 'w', 'q').effects).toContainEqual({ kind: 'quit' });
});
