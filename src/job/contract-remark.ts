import type { JobPlan } from './plan.ts';

/** One line for stderr when a stage has not said what may be relied on: a job whose operators die depends on it. */
export function contractRemark(plan: JobPlan): string | undefined {
  const assumed = plan.stages.filter((stage) => !stage.contractDeclared);
  if (assumed.length === 0) return undefined;
  const names = assumed.map((stage) => `${stage.asked ?? stage.number} (${stage.name})`).join(', ');
  const [stages, print] = assumed.length === 1 ? ['stage', 'prints'] : ['stages', 'print'];
  return `that ${stages} ${names} ${print} the same for the same input is assumed (contract: replay); rainstorm check tries it out`;
}
