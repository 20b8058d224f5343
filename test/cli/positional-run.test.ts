import { describe, expect, test } from 'vitest';
import { parsePositionalRun } from '../../src/cli/positional-run.ts';
import { parseStageFlag } from '../../src/job/stage-flag.ts';
import { failureOf } from './harness.ts';

/** A line of words as somebody would type it who needs no quotes; `_` stands for a blank. */
function words(line: string): string[] {
  return line.split(' ').map((word) => word.replaceAll('_', ' '));
}

describe('a job in words', () => {
  test('is what the same job is in flags', () => {
    const flags = parsePositionalRun(words('2 3 filter Stop aggregate Asset_Category in.csv out true false 1000 50 200'));
    expect(flags).toMatchObject({ src: ['in.csv'], dest: 'out', delivery: 'exactly-once', rate: '1000' });
    expect(flags.stage?.map(parseStageFlag)).toEqual(["filter='Stop':3", "aggregate='Asset Category':3"].map(parseStageFlag));
  });

  test.each([
    ['filter', "it's \"quoted\", with: signs @ all", `filter="it's "'"quoted", with: signs @ all':2`],
    ['filter', '/^a.*b$/', 'filter=/^a.*b$/:2'],
    ['flatmap', '', 'flatmap:2'],
    ['./op.py', 'one "two three"', './op.py one "two three" :2'],
    ['grep', '-F Stop', 'grep -F Stop :2'],
    ['sort', '', 'sort :2'],
  ])('takes %s with the argument %j', (operator, argument, stage) => {
    const { stage: [made = ''] = [] } = parsePositionalRun(['1', '2', operator, argument, 'in', 'out', 'no', 'no', '0', '0', '0']);
    expect(parseStageFlag(made)).toEqual(parseStageFlag(stage));
  });

  test('with autoscaling goes by LW and HW', () => {
    expect(parsePositionalRun(words('1 2 identity  in out true true 0 50 200'))).toMatchObject({ autoscale: 'watermarks', lw: 50, hw: 200 });
    expect(Object.keys(parsePositionalRun(words('1 2 identity  in out true false 0 50 200')))).not.toContain('autoscale');
  });

  test('without exactly-once keeps no journal, and with a rate of 0 is read as fast as it goes', () => {
    const flags = parsePositionalRun(words('1 1 identity  in out false false 0 0 0'));
    expect([flags.delivery, 'rate' in flags]).toEqual(['best-effort', false]);
  });
});

test.each([
  ['2 3 filter Stop in.csv out true false 1000 50 200', '2 stages have 2 operators with an argument each, so 13 words are needed, and there are 11'],
  ['1 3 filter Stop in.csv out true false 1000 50', 'one stage has an operator and its argument, so 11 words are needed, and there are 10'],
  ['0 3 in.csv out true false 1000 50 200', 'STAGES is "0", which is no number from 1 to 1000'],
  ['1 x filter Stop in.csv out true false 1000 50 200', 'TASKS is "x", which is no number from 1 to 1000'],
  ['1 1 filter Stop in.csv out maybe false 1000 50 200', 'EXACTLY_ONCE is "maybe", which is neither true nor false'],
  ['1 1 filter Stop in.csv out true false fast 50 200', 'INPUT_RATE is "fast", which is no number'],
  ['1 1 filter Stop in.csv out true false 1000 200 50', 'LW, 200, is above HW, 50'],
  ['1 1 filter Stop in.csv out true true 1000 0 0', 'LW and HW are both 0, and autoscaling needs room between them'],
])('%s: what is wrong is told', async (line, message) => {
  const failure = await failureOf(async () => parsePositionalRun(words(line)));
  expect(failure).toContain(`USAGE ${message}\n> `);
});
