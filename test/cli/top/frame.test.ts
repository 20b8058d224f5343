import { describe, expect, test } from 'vitest';
import { widthOf } from '../../../src/cli/cells.ts';
import { frame } from '../../../src/cli/top/frame.ts';
import { shownOnce } from '../../../src/cli/top/once.ts';
import type { State } from '../../../src/cli/top/state.ts';
import { startState } from '../../../src/cli/top/state.ts';
import { step } from '../../../src/cli/top/step.ts';
import { viewOf } from '../harness.ts';
import { NOW_MS, press, shown, stateOf, task } from './fixtures.ts';

const plain = (_: string, text: string) => text;
const draw = (state: State) => frame(state, NOW_MS, plain);
const text = (state: State) => draw(state).map((line) => line.trimEnd()).join('\n');

const LONG = 'ein ziemlich langer Name, 水水水水水水水水水水水水水水水水水水水水水水\u001B[31m\t';

const SCREENS: Readonly<Record<string, State>> = {
  'a job': stateOf(),
  'a job with a thousand tasks': stateOf({ selectedTask: '1-700' }, shown(1_000)),
  'long names': stateOf({}, { ...shown(), sentence: LONG.repeat(20), tasks: [task(1, 0, { name: LONG, worker: LONG, holdsBack: LONG })], view: { ...shown().view, job: LONG } }),
  'a question': press(stateOf(), 'down', 'k').state,
  'a message': stateOf({ message: { kind: 'failed', text: LONG.repeat(20) } }),
  'a question and a message': press(stateOf(), 'down', 's', '0', 'return').state,
  'a log': step(press(stateOf(), 'l').state, { kind: 'log', task: '0-0', lines: Array.from({ length: 100 }, () => LONG.repeat(10)) }).state,
  'workers': step(press(stateOf(), 'w').state, { kind: 'workers', workers: Array.from({ length: 50 }, (_, index) => ({ worker: `w${index}`, url: 'http://x', operatorsMeasured: true, hostname: LONG, pid: 1, edge: index === 0, cpuShare: 1.5, memoryBytes: 1e9, tasks: 3, jobs: ['a', 'b'] })) }).state,
  'jobs': startState({ rows: 24, columns: 80, jobs: Array.from({ length: 50 }, (_, index) => ({ job: `job-${index}`, view: index === 3 ? undefined : viewOf('x') })) }),
  'no answer yet': startState({ rows: 24, columns: 80, jobs: undefined }),
  'a leader that is gone': step(stateOf(), { kind: 'gone', atMs: NOW_MS - 5_000, why: LONG }).state,
};

describe.each(Object.entries(SCREENS))('%s', (_, state) => {
  test.each([[80, 24], [140, 40], [60, 20], [60, 10], [24, 5], [10, 3], [200, 6], [30, 60]])('fits a terminal of %d columns and %d rows', (columns, rows) => {
    const lines = draw({ ...state, columns, rows });
    expect(lines.length).toBeLessThanOrEqual(rows);
    for (const line of lines) expect(widthOf(line), line).toBeLessThanOrEqual(columns);
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
  });
});

test('a job: how it stands, its stages, its tasks, the keys', () => {
  expect(text(stateOf({ rows: 19 }, { ...shown(), sentence: 'stage 1 is limited by its operator' }))).toBe(
    `rainstorm top  a                                                  running  0:42
0/s read, 0/s out   25 % of 100 B  ━━━━━━━━──────────────────────  2:06 left
stage 1 is limited by its operator

  STAGE  NAME      TASKS    IN/s   OUT/s   BUSY   BLOCKED   BACKLOG      IN
  0      source        1       0       0     0%        0%       0 B       0
  1      filter        3       0       0     0%        0%       0 B       0
  2      uniq          2       0       0     0%        0%       0 B       0
  3      sink          1       0       0     0%        0%       0 B       0

  TASK▲  NAME      STATE       IN/s   OUT/s   BUSY   BLOCKED   BACKLOG  WORKER
> 0-0    source    running        0       0     0%        0%       0 B  w1
  1-0    filter    running        0       0    10%        0%       0 B  w1
  1-1    filter    running        1       0    98%        0%       0 B  w1
  1-2    filter    running        2       0    10%        0%       0 B  w1
  2-0    cat       running        0       0     0%        0%       0 B  w1
  2-1    cat       running        0       0     0%        0%       0 B  w2
  3-0    sink      running        0       0     0%        0%       0 B  w1
↑↓ task  ←→ stage  k kill  s scale  l log  w workers  o sort  r reverse  q quit`);
});

test('the selected task is on the screen, wherever it stands among many', () => {
  for (const selectedTask of ['0-0', '1-0', '1-500', '1-999', '3-0']) {
    expect(text(stateOf({ selectedTask }, shown(1_000)))).toContain(`\n> ${selectedTask} `);
  }
});

test('on a narrow terminal it is what matters most that stays', () => {
  const narrow = text({ ...stateOf(), columns: 50 });
  expect(narrow).toMatch(/\n {2}TASK▲ +STATE +IN\/s +OUT\/s +BUSY/);
  expect(narrow).not.toContain('WORKER');
  expect(narrow).toMatch(/ q quit$/);
});

test('a question, and what became of a wish, stand in the place of the keys', () => {
  expect(text(press(stateOf(), 'down', 'k').state)).toMatch(/\nkill task 1-0 \(filter, pid 100, w1\)\? y \/ n$/);
  expect(text(press(stateOf(), 'down', 's', '4').state)).toMatch(/\nstage 1 \(filter\) has 3; how many tasks\? 4_$/);
  expect(text(stateOf({ message: { kind: 'said', text: 'killed task 1-0, pid 100' } }))).toMatch(/\nkilled task 1-0, pid 100$/);
});

test('a leader that is gone is said, with what was known before', () => {
  const gone = text(SCREENS['a leader that is gone'] as State);
  expect(gone).toContain('leader is gone; waiting … 0:05');
  expect(gone).toContain('filter');
});

test('how a job has ended', () => {
  const endedAt = '2025-03-01T12:01:05.000Z';
  expect(text(stateOf({}, { ...shown(3, { state: 'done', endedAt }), tasks: [] }))).toMatch(/^rainstorm top {2}a +done {2}1:05\n.*\ndone; the result is in out\.csv\n/);
  const failure = { code: 'OPERATOR_FAILED' as const, message: 'stage 1 (filter) exited with status 3', stderr: [] };
  expect(text(stateOf({}, { ...shown(3, { state: 'failed', endedAt, failure }), tasks: [] }))).toContain('\nfailed: stage 1 (filter) exited with status 3\n');
});

test('a leader that does not tell of its workers is told from one that has none', () => {
  const asked = press(stateOf(), 'w').state;
  expect(text(asked)).toContain('asking the leader');
  expect(text(step(asked, { kind: 'workers', workers: { missing: 'too old' } }).state)).toContain('too old');
  expect(text(SCREENS['workers'] as State)).toMatch(/WORKER +CPU +MEMORY +TASKS.*\n {2}w0 +150% +1\.00 GB +3/);
});

test('once, as plain text, nothing is left out for the width', () => {
  const whole = shownOnce({ ...shown(), sentence: 'why it is slow', tasks: [task(1, 0, { name: 'x'.repeat(100), worker: 'w'.repeat(50) })] }, NOW_MS);
  expect(whole).toMatch(/^a {2}running {2}0:42\n.*\nwhy it is slow\n\nSTAGE +NAME.*\n0 +source/);
  expect(whole).toMatch(/\nTASK +NAME +STATE .*SKIPPED\n1-0 +x{100} +running .* w{50} /);
});
