import type { JobView } from '../control/views.ts';

export interface ScaleVerdict {
  /** Whether a stage had more tasks than before, and later fewer than then. */
  readonly isUpAndDown: boolean;
  /** `Stage 2 had 1 -> 7 -> 1 tasks.` */
  readonly text: string;
}

/** What has become of the numbers of tasks; `scaled`: a job's changes, the oldest first. */
export function judgeScaling(scaled: JobView['scaled']): ScaleVerdict {
  const stages = [...Map.groupBy(scaled.filter(({ outcome }) => outcome === 'done'), ({ stage }) => stage)];
  const courses = stages.map(([stage, changes]) => ({ stage, tasks: [changes[0]?.from ?? 0, ...changes.map(({ to }) => to)] }));
  const isUpAndDown = courses.some(({ tasks }) => tasks.some((many, index) => many > (tasks[0] ?? 0) && tasks.slice(index).some((later) => later < many)));
  const refused = scaled.findLast(({ outcome }) => outcome === 'refused')?.why;
  const told = courses.map(({ stage, tasks }) => `Stage ${stage} had ${tasks.join(' -> ')} tasks.`);
  if (isUpAndDown) return { isUpAndDown, text: told.join(' ') };
  const missing = 'The number of tasks was to go up and down again, and has not.';
  return { isUpAndDown, text: [missing, ...told, ...(refused === undefined ? [] : [`Refused: ${refused}`])].join(' ') };
}
