import { expect, test } from 'vitest';
import { contractRemark } from '../../src/job/contract-remark.ts';
import type { JobPlan } from '../../src/job/plan.ts';
import { stagePlan } from '../task/stage-plan.ts';

function planOf(...declared: readonly boolean[]): JobPlan {
  const stages = declared.map((contractDeclared, index) => stagePlan({ number: index + 1, name: `s${index + 1}`, contractDeclared }));
  return {
    stages, source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1, locale: 'C', lineBuffered: false, logTuples: 'off',
  };
}

test('stages whose contract is only assumed are named, once for the job', () => {
  expect(contractRemark(planOf(true, true))).toBeUndefined();
  expect(contractRemark(planOf(true, false))).toMatch(/^that stage 2 \(s2\) prints the same .* rainstorm check/);
  expect(contractRemark(planOf(false, true, false))).toMatch(/^that stages 1 \(s1\), 3 \(s3\) print the same/);
});
