/** What a task does, in one word for people, from its state and where its time goes. */
import type { TaskView } from '../api/types.ts';

export type Condition = 'busy' | 'blocked' | 'starved' | 'partly' | 'running' | 'starting' | 'stalled' | 'failed' | 'ended';

/** In the order in which they are worth a look. */
const CONDITIONS: readonly Condition[] = ['failed', 'stalled', 'blocked', 'busy', 'partly', 'running', 'starved', 'starting', 'ended'];

export const CONDITION_MEANING: Readonly<Record<Condition, string>> = {
  busy: 'its operator works nearly all the time',
  partly: 'its operator works some of the time',
  starved: 'it waits for input',
  blocked: 'those behind it have no room for its output',
  running: 'it reads or writes',
  starting: 'it is about to start',
  stalled: 'its operator has input and does nothing',
  failed: 'it has failed, and the job with it',
  ended: 'it has nothing left to do',
};

/** Above it a task does little else. */
const MOSTLY = 0.8;

/** Below it a task does next to nothing. */
const HARDLY = 0.05;

/** `isOperator`: not a source or a sink, of which nobody measures where their time goes. */
export function conditionOf(task: Pick<TaskView, 'state' | 'busyShare' | 'blockedShare' | 'inRate' | 'outRate'>, isOperator: boolean): Condition {
  if (task.state === 'stalled' || task.state === 'failed' || task.state === 'starting') return task.state;
  if (task.state === 'finished' || task.state === 'stopped') return 'ended';
  if (!isOperator) return task.inRate + task.outRate > 0 ? 'running' : 'starved';
  if (task.blockedShare >= 0.5 && task.blockedShare >= task.busyShare) return 'blocked';
  if (task.busyShare >= MOSTLY) return 'busy';
  return task.busyShare > HARDLY ? 'partly' : 'starved';
}

/** How many are in each condition, those that none is in left out. */
export function countConditions(conditions: readonly Condition[]): readonly (readonly [Condition, number])[] {
  return CONDITIONS.map((condition) => [condition, conditions.filter((other) => other === condition).length] as const).filter(([, count]) => count > 0);
}
