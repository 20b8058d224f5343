/** What a stage's tasks leave to those of its next generation, and whether they can. */
import type { StagePlan } from './plan.ts';

/**
 * `drain`: nothing, they see the end of their input. `state`: what the operators hand out, divided by key. `lines`: what folds
 * print, which is input of their own kind. `input`: all that they were to be fed, of which nothing was printed.
 */
export type HandOver = 'drain' | 'state' | 'lines' | 'input';

/** Why a stage cannot have another number of tasks. */
export interface NotScalable {
  readonly reason: string;
  readonly hint?: string;
}

/** Its tasks must have put out nothing, and are asked first. */
export function mustFreeze(stage: StagePlan): boolean {
  return handOverOf(stage) === 'input';
}

export function handOverOf(stage: StagePlan): HandOver {
  if (stage.contract === 'replay') return 'input';
  if (stage.contract === 'fold') return 'lines';
  // Without a key our operators remember nothing that they could not as well print now.
  return stage.contract === 'restart' || stage.partitioning.kind === 'spread' ? 'drain' : 'state';
}

/** Undefined where nothing speaks against it but what its tasks have done by now. */
export function notScalable(stage: StagePlan): NotScalable | undefined {
  if (stage.onPoison === 'deadletter') return { reason: 'it leaves out tuples that its operator dies of', hint: 'A stage with onPoison: deadletter keeps its number of tasks.' };
  if (stage.keyedWithin === true) return { reason: 'it was fused from stages of one task with keys of their own', hint: 'Start the job with --no-fuse or --autoscale.' };
  if (stage.readsFiles !== undefined && stage.partitioning.kind !== 'spread') return { reason: 'its one task reads the files of the source itself', hint: 'Start the job with --rate, --autoscale or two tasks.' };
  // Their journals say where tuples stand, and are no input for others.
  if (stage.readsFiles !== undefined && handOverOf(stage) === 'input') return { reason: 'its contract is replay, and its tasks read the files of the source themselves', hint: 'Start the job with --rate, or give the stage the contract that its operator keeps.' };
  if (stage.contract === 'fold' && stage.partitioning.kind === 'line') {
    return { reason: 'its key is the whole tuple, which what its operator prints need not have', hint: 'Let the key of a fold be a column that stands in its output, too.' };
  }
  if (stage.contract === 'snapshot' && stage.partitioning.kind === 'spread' && stage.program.kind !== 'operators') {
    return { reason: 'its operator has a state, and the stage no key by which that could be divided', hint: 'Give the stage a key, or say contract: restart if the operator remembers nothing.' };
  }
  return undefined;
}
