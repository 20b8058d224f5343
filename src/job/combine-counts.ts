/**
 * Counting before the shuffle: in front of an `aggregate` of several tasks, each task that has the tuples counts its own, and
 * hands on a row for each key instead of every tuple. What comes of it is the same.
 */
import { fuses } from './fuse-stages.ts';
import type { StagePlan } from './plan.ts';
import type { OperatorCall } from './program.ts';

/** Below this a job ends sooner without the processes of one more stage. */
const MIN_SOURCE_BYTES = 64 * 1024 * 1024;

/** `sourceBytes`: of a source whose tasks of the first stage read it themselves; undefined for any other. */
export function combineCounts(stages: readonly StagePlan[], sourceBytes: number | undefined): StagePlan[] {
  const [first, ...others] = stages;
  const call = first === undefined ? undefined : shuffledCount(first);
  if (first === undefined || call === undefined || sourceBytes === undefined || sourceBytes < MIN_SOURCE_BYTES) return combineBehind(stages);
  const behind = combineBehind([sumOf(first, call), ...others]).map((stage) => ({ ...stage, number: stage.number + 1, asked: stage.number }));
  return [partOf(first, call, first), ...behind];
}

/** The tasks of the stage before count their own output. */
function combineBehind(stages: readonly StagePlan[]): StagePlan[] {
  return stages.flatMap((stage, index) => {
    const before = stages[index - 1];
    const call = shuffledCount(stage);
    const part = before === undefined || call === undefined ? undefined : partOf(stage, call, before);
    return before === undefined || call === undefined || part === undefined || !fuses(before, part) ? [stage] : [part, sumOf(stage, call)];
  });
}

function shuffledCount({ program, tasks, release, onPoison }: StagePlan): OperatorCall | undefined {
  if (program.kind !== 'operators' || tasks === 1 || release === 'committed' || onPoison === 'deadletter') return undefined;
  const [call] = program.operators;
  return call?.operator === 'aggregate' && program.operators.length === 1 ? call : undefined;
}

/** `where`: the stage whose tasks have what is counted. */
function partOf(stage: StagePlan, { args }: OperatorCall, { number, tasks }: Pick<StagePlan, 'number' | 'tasks'>): StagePlan {
  return {
    ...stage, number, tasks,
    name: `${stage.name} (parts)`,
    partitioning: { kind: 'spread' },
    program: { kind: 'operators', operators: [{ operator: 'count-part', args }] },
  };
}

/** The key is the first column of what comes now. */
function sumOf(stage: StagePlan, { args: [option = '', format = ''] }: OperatorCall): StagePlan {
  return {
    ...stage,
    partitioning: { kind: 'column', column: 1 },
    program: { kind: 'operators', operators: [{ operator: 'add-counts', args: [option, format] }] },
  };
}
