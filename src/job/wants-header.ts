import { readOperator } from './operator-catalog.ts';
import type { OperatorUse } from './operator-catalog.ts';
import type { JobSpec, StageSpec } from './stage-spec.ts';

/**
 * Whether the source's first record is a header: when the job says so, or a key or an argument names one of the source's
 * columns. Behind a command or `flatmap` a name can mean none of them; behind an aggregation, `count` and the like are its own.
 */
export function wantsHeader(spec: Pick<JobSpec, 'header' | 'stages'>): boolean {
  if (spec.header) return true;
  /** Names that the stage before makes itself; undefined while the columns are still the source's. */
  let made: readonly string[] | undefined;
  for (const stage of spec.stages) {
    const use = stage.program.kind === 'operator' ? readOperator(stage.program.operator, stage.program.argument) : undefined;
    if (referredNames(stage, use).some((name) => made?.includes(name) !== true)) return true;
    if (use === undefined || use.output.kind === 'unknown') return false;
    if (use.output.kind === 'per-key') {
      const { key, values } = use.output;
      // A key's column without a header is called `key`.
      made = [key.kind === 'line' ? 'line' : key.kind === 'header' ? key.name : 'key', ...values];
    }
  }
  return false;
}

function referredNames(stage: StageSpec, use: OperatorUse | undefined): string[] {
  const references = [...(use?.columns ?? []), ...(stage.key === undefined ? [] : [stage.key])];
  return references.flatMap((reference) => (reference.kind === 'header' ? [reference.name] : []));
}
