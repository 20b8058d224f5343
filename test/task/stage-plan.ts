import type { StagePlan } from '../../src/job/plan.ts';

/** A stage of lines without a key, but for what the test says. */
export function stagePlan(stage: Partial<StagePlan> = {}): StagePlan {
  return {
    number: 1,
    name: 'tested',
    program: { kind: 'chain', commands: [['cat']] },
    tasks: 1,
    inputFormat: 'lines',
    partitioning: { kind: 'spread' },
    outputFormat: 'lines',
    okExit: [],
    env: {},
    cwd: '/',
    contract: 'replay',
    contractDeclared: true,
    ...stage,
  };
}
