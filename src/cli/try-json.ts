import type { StageTry } from '../check/try-stage.ts';
import type { TriedPipeline } from './try-columns.ts';

/** What `try --json` prints. Invalid UTF-8 becomes U+FFFD. */
export function toTryJson({ source, header, tuples, stages, tries }: TriedPipeline): object {
  return {
    source,
    header: header ?? null,
    tuples: tuples.map(textOf),
    stages: stages.map(({ plan, program }, index) => ({
      stage: plan.number,
      name: plan.name,
      program,
      tasks: plan.tasks,
      partition: plan.partitioning,
      ...ran(tries[index]),
    })),
  };
}

function ran(stage: StageTry | undefined): object {
  if (stage === undefined) return { ran: false };
  const { inTuples, places, tuples, stderr, exit, early, failure } = stage;
  return {
    ran: true,
    inTuples,
    /** Of each tuple that went in. */
    keys: places?.map(({ key, task }) => ({ key: key.toString(), task })) ?? null,
    outTuples: tuples.length,
    tuples: tuples.map(textOf),
    stderr,
    status: exit?.status ?? null,
    signal: exit?.signal ?? null,
    early,
    failure: failure === undefined ? null : { code: failure.code, message: failure.message, hint: failure.hint ?? null },
  };
}

function textOf(tuple: Buffer): string {
  return tuple.toString().replace(/\n$/, '');
}
