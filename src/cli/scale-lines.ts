import type { JobView, ScaleRecord } from '../control/views.ts';

type Records = JobView['scaled'];

/** What is new in a job's changes since the last look, a line for each. */
export function newScaleLines(before: Records, now: Records): string[] {
  return now.flatMap((record) => {
    const known = before.find(({ number }) => number === record.number);
    const isNewlyRefused = record.outcome === 'refused' && known?.outcome !== 'refused';
    return [...(known === undefined ? [decisionLine(record)] : []), ...(isNewlyRefused ? [refusalLine(record)] : [])];
  });
}

function decisionLine({ stage, from, to, reason }: ScaleRecord): string {
  return `SCALE stage ${stage}: ${from} -> ${to}, ${reason}`;
}

function refusalLine({ stage, from, to, why = '' }: ScaleRecord): string {
  return `stage ${stage} keeps ${from} ${from === 1 ? 'task' : 'tasks'}, instead of ${to}: ${why}`;
}
