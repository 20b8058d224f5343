/** Tasks as users name them, `2-0`, and how a list of them is told in a message. */
import { RainstormError } from '../base/errors.ts';
import type { TaskPlace } from '../job/task-id.ts';

export function byPlace(a: TaskPlace, b: TaskPlace): number {
  return a.stage - b.stage || a.index - b.index;
}

/** UNKNOWN_TASK, with what there is: `0-0, 1-0 to 1-4, 2-0`. */
export function unknownTask(message: string, there: readonly TaskPlace[]): RainstormError {
  const stages = [...Map.groupBy(there.toSorted(byPlace), (task) => task.stage)];
  const runs = stages.map(([stage, tasks]) => {
    const [first, last] = [tasks[0]?.index, tasks.at(-1)?.index];
    return first === last ? `${stage}-${first}` : `${stage}-${first} to ${stage}-${last}`;
  });
  return new RainstormError('UNKNOWN_TASK', message, { hint: runs.length === 0 ? 'It has no tasks.' : `Its tasks: ${runs.join(', ')}.` });
}
