import type { StagePlan } from '../job/plan.ts';

/**
 * The environment of an operator: the worker's, less its secrets; byte order unless asked otherwise; and no random hash
 * seeds, since an operator that is started again must print the same for the same input.
 */
export function operatorEnvironment(stage: StagePlan, job: string, index: number, locale: string): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name, value]) => value !== undefined && !HIDDEN.has(name)) as [string, string][];
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: locale,
    PYTHONHASHSEED: '0',
    PERL_HASH_SEED: '0',
    RAINSTORM_JOB: job,
    RAINSTORM_STAGE: String(stage.asked ?? stage.number),
    RAINSTORM_TASK: String(index),
    RAINSTORM_TASKS: String(stage.tasks),
    ...stage.env,
  };
}

const HIDDEN: ReadonlySet<string> = new Set(['RAINSTORM_TOKEN', 'RAINSTORM_CONTROL', 'NODE_CHANNEL_FD', 'NODE_COMPILE_CACHE']);
