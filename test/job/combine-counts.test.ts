import { expect, test } from 'vitest';
import { makePlan } from '../../src/job/make-plan.ts';
import type { InputFile } from '../../src/job/file-range.ts';
import type { JobPlan } from '../../src/job/plan.ts';
import { steadyRate } from '../../src/job/rate-schedule.ts';
import { parseStages } from '../../src/job/stage-grammar.ts';
import type { JobSpec } from '../../src/job/stage-spec.ts';

const MEBIBYTE = 2 ** 20;

function plan(stages: string, mebibytes: number | undefined, rest: Partial<JobSpec> = {}): JobPlan {
  const files: InputFile[] | undefined = mebibytes === undefined ? undefined : [{ path: '/in.csv', bytes: mebibytes * MEBIBYTE, inode: 1, modifiedMs: 1 }];
  return makePlan({
    stages: parseStages(stages), sources: ['in.csv'], dest: '-', header: false, outputHeader: true, overwrite: false, maxTupleBytes: 1 << 20, locale: 'C', lineBuffered: false,
    fuse: true, logTuples: 'first', delivery: 'exactly-once', durability: 'process', storeLimitBytes: 1 << 30, cwd: '/jobs', ...rest,
  }, { format: 'csv', headerRow: undefined, files });
}

/** Each stage as its number, tasks, key and operators. */
function shown({ stages }: JobPlan): string[] {
  return stages.map(({ number, asked, tasks, partitioning, program }) => {
    const key = partitioning.kind === 'column' ? partitioning.column : partitioning.kind;
    const operators = program.kind === 'operators' ? program.operators.map(({ operator, args }) => [operator, ...args.slice(2)].join('=')).join('+') : program.kind;
    return `${number}${asked === undefined ? '' : `(${asked})`} x${tasks} @${key} ${operators}`;
  });
}

test('behind an operator of ours, its tasks count what they put out', () => {
  expect(shown(plan('filter=a,aggregate=3:2', undefined))).toEqual(['1 x1 @spread filter=a+count-part=3', '2 x2 @1 add-counts']);
  expect(shown(plan('flatmap:4,aggregate=line:2', undefined))).toEqual(['1 x4 @spread flatmap+count-part=line', '2 x2 @1 add-counts']);
});

test('as the first stage, where there is much in files', () => {
  expect(shown(plan('aggregate=3:2,cmd=sort', 64))).toEqual(['1 x2 @spread count-part=3', '2(1) x2 @1 add-counts', '3(2) x1 @spread chain']);
  expect(shown(plan('aggregate=3:2', 63))).toEqual(['1 x2 @3 aggregate=3']);
  expect(shown(plan('aggregate=3:2', undefined))).toEqual(['1 x2 @3 aggregate=3']);
  expect(shown(plan('aggregate=3:2', 64, { rate: steadyRate(5) }))).toEqual(['1 x2 @3 aggregate=3']);
});

test('not where there is one task, behind a command, or where stages are to stay apart', () => {
  expect(shown(plan('filter=a:2,aggregate=3', undefined))).toEqual(['1 x2 @spread filter=a', '2 x1 @3 aggregate=3']);
  expect(shown(plan('cmd=sort,aggregate=3:2', undefined))).toEqual(['1 x1 @spread chain', '2 x2 @3 aggregate=3']);
  expect(shown(plan('filter=a,aggregate=3:2', 100, { fuse: false }))).toEqual(['1 x1 @spread filter=a', '2 x2 @3 aggregate=3']);
});

test('files are read by the tasks of a first stage that may take any tuples and have many each', () => {
  const reads = (...args: Parameters<typeof plan>) => plan(...args).stages[0]?.readsFiles !== undefined;
  expect(reads('identity', 1)).toBe(true);
  expect(reads('identity:4', 64)).toBe(true);
  expect(reads('identity:4', 63)).toBe(false);
  expect(reads('aggregate:2', 100, { fuse: false })).toBe(false);
  expect(reads('identity', 1, { rate: steadyRate(5) })).toBe(false);
  expect(reads('identity', undefined)).toBe(false);
});
