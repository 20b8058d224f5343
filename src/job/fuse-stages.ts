/**
 * Neighbouring stages as one, where each task would hand all that it puts out to one task of the next: then tuples need not go
 * through a channel, a journal and two more pipes. Our own operators run in one process, commands are joined by pipes as a
 * shell joins them. To the rest of the system it is one stage, whose tasks recover as one.
 */
import { isDeepStrictEqual } from 'node:util';
import type { StagePlan } from './plan.ts';
import type { Program } from './program.ts';

/**
 * Gives the stages in their order. One of several has the number of the last. `grow`: they may get more tasks than they have,
 * so that what is only one as long as there is one task stays apart.
 */
export function fuseStages(stages: readonly StagePlan[], grow = false): StagePlan[] {
  const fused: StagePlan[] = [];
  for (const stage of stages) {
    const before = fused.at(-1);
    const program = before === undefined || (grow && hasKey(stage)) ? undefined : joined(before, stage);
    if (before === undefined || program === undefined) fused.push(stage);
    else fused[fused.length - 1] = asOne(before, stage, program);
  }
  return fused;
}

function asOne(before: StagePlan, stage: StagePlan, program: Program): StagePlan {
  return {
    ...before, program,
    number: stage.number,
    asked: stage.asked,
    first: before.first ?? before.asked ?? before.number,
    name: `${before.name} | ${stage.name}`,
    fusedFrom: [...(before.fusedFrom ?? [before.name]), stage.name],
    outputFormat: stage.outputFormat,
    ...(before.keyedWithin === true || stage.partitioning.kind !== 'spread' ? { keyedWithin: true } : {}),
    contractDeclared: before.contractDeclared && stage.contractDeclared,
  };
}

/** Whether these two can be one. */
export function fuses(before: StagePlan, stage: StagePlan): boolean {
  return joined(before, stage) !== undefined;
}

/** The program that does what the two do; undefined where they stay apart. */
function joined(before: StagePlan, stage: StagePlan): Program | undefined {
  const isHandedOn = before.tasks === stage.tasks && (stage.tasks === 1 || !hasKey(stage));
  if (!isHandedOn || !isDeepStrictEqual(treatmentOf(before), treatmentOf(stage)) || !canFuse(before) || !canFuse(stage)) return undefined;
  return join(before.program, stage.program);
}

function hasKey({ partitioning }: StagePlan): boolean {
  return partitioning.kind !== 'spread';
}

/** What is said of a stage and holds for all that runs in it. */
function treatmentOf({ contract, checkpointEvery, okExit, env, cwd, maxRestarts, stallTimeoutMs, onStall, autoscale }: StagePlan): unknown {
  return { contract, checkpointEvery, okExit, env, cwd, maxRestarts, stallTimeoutMs, onStall, autoscale };
}

/**
 * What a fold prints is input of its own kind, so nothing else may stand before or behind it. Output that is held is that of
 * one program, and so is a tuple that it dies of.
 */
function canFuse({ contract, release, onPoison }: StagePlan): boolean {
  return contract !== 'fold' && release !== 'committed' && onPoison !== 'deadletter';
}

function join(before: Program, program: Program): Program | undefined {
  if (before.kind === 'operators' && program.kind === 'operators') return { kind: 'operators', operators: [...before.operators, ...program.operators] };
  if (before.kind === 'chain' && program.kind === 'chain') return { kind: 'chain', commands: [...before.commands, ...program.commands] };
  return undefined;
}
