import type { JobView, Shown, State, TaskView } from '../../../src/cli/top/state.ts';
import { startState } from '../../../src/cli/top/state.ts';
import { step } from '../../../src/cli/top/step.ts';
import { viewOf } from '../harness.ts';

export const NOW_MS = Date.parse('2025-03-01T12:00:42.000Z');

const LOAD = { inRate: 0, outRate: 0, busyShare: 0, blockedShare: 0, backlogBytes: 0 };

export function task(stage: number, index: number, overrides: Partial<TaskView> = {}): TaskView {
  const pid = 100 * stage + index;
  return { job: 'a', stage, name: 'cat', index, pid, pids: [pid], worker: 'w1', state: 'running', attempt: 1, skippedTuples: 0, log: 'log', ...LOAD, ...overrides };
}

/** A source, a stage of `count` tasks, one of two, and a sink. */
export function shown(count = 3, overrides: Partial<JobView> = {}): Shown {
  const { endedAt: _, ...view } = viewOf('a', { state: 'running', sourceDoneBytes: 25, sourceTotalBytes: 100, ...overrides });
  const stage = (number: number, name: string, tasks: number) => ({ stage: number, name, tasks, inTuples: 0, outTuples: 0, ...LOAD });
  return {
    view: { ...view, ...(overrides.endedAt === undefined ? {} : { endedAt: overrides.endedAt }), stages: [stage(0, 'source', 1), stage(1, 'filter', count), stage(2, 'uniq', 2), stage(3, 'sink', 1)] },
    tasks: [
      task(0, 0, { name: 'source', pid: null, pids: [] }),
      ...Array.from({ length: count }, (_, index) => task(1, index, { name: 'filter', inRate: (index * 7) % count, busyShare: index === 1 ? 0.98 : 0.1 })),
      task(2, 0), task(2, 1, { attempt: 3, worker: 'w2' }),
      task(3, 0, { name: 'sink', pid: null, pids: [] }),
    ],
  };
}

export function stateOf(overrides: Partial<State> = {}, what: Shown = shown()): State {
  const start = startState({ rows: 24, columns: 80, jobs: undefined });
  return { ...step(start, { kind: 'shown', shown: what }).state, ...overrides };
}

/** What comes of pressing these keys one after the other. */
export function press(state: State, ...keys: readonly string[]): ReturnType<typeof step> {
  return keys.reduce((last, key) => {
    const next = step(last.state, { kind: 'key', key });
    return { state: next.state, effects: [...last.effects, ...next.effects] };
  }, { state, effects: [] } as ReturnType<typeof step>);
}
