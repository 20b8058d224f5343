/** A pipeline on a few tuples: each stage once, one after the other, without anything that makes a job of it. */
import { randomUUID } from 'node:crypto';
import type { JobPlan } from '../job/plan.ts';
import { readySubject } from './subject.ts';
import { labelOf, tryStage, type StageTry } from './try-stage.ts';

/** Of one stage: a program that makes more of some lines is better looked at in a file. */
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;

export interface TryOptions {
  /** The longest that one stage may take. */
  readonly timeLimitMs: number;
  readonly signal: AbortSignal;
}

/**
 * What each stage does with `tuples`, up to the first in which a job would fail. `plan`: of stages that are not fused, so that
 * each can be seen. Throws COMMAND_NOT_FOUND before anything is started, and CANCELLED.
 */
export async function tryPipeline(plan: JobPlan, tuples: readonly Buffer[], options: TryOptions): Promise<StageTry[]> {
  const { locale, lineBuffered, maxTupleBytes } = plan;
  const mark = `try-${randomUUID()}`;
  const subjects = plan.stages.map((stage) => readySubject(stage, { locale, lineBuffered, mark, where: labelOf(stage), timeLimitMs: options.timeLimitMs, maxOutputBytes: MAX_OUTPUT_BYTES }));
  const tries: StageTry[] = [];
  let input = tuples;
  for (const subject of subjects) {
    const tried = await tryStage(subject, input, { maxTupleBytes, signal: options.signal });
    tries.push(tried);
    if (tried.failure !== undefined) break;
    input = tried.tuples;
  }
  return tries;
}
