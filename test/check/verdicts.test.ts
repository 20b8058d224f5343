import { execPath } from 'node:process';
import { describe, expect, test } from 'vitest';
import { CHECK_LIMIT_MS, check, finding, verdict } from './harness.ts';

const LINES = Array.from({ length: 40 }, (_, index) => `k${(index * 7) % 5} ${(index * 37) % 4}\n`).join('');
const FRACTIONS = Array.from({ length: 20 }, (_, index) => `k${index % 3} ${((index + 1) * 987_654_321) % 99_991}.${(index * 377) % 97 + 10}\n`).join('');

const SUM = "mawk '{ s[$1] += $2 } END { for (k in s) print k, s[k] }'";

const COMMANDS: readonly [command: string, contracts: readonly string[]][] = [
  ['grep k1', ['replay', 'restart', 'fold']],
  ['cut -c2-', ['replay', 'restart']],
  ["awk '{ print ++n, $0 }'", ['replay']],
  ['sort', ['replay', 'fold']],
  ['while read -r line; do echo "$line$RANDOM"; done', []],
];

const OWN: typeof COMMANDS = [['identity', ['replay', 'restart', 'fold']]];

/** Each is tried many times, which takes seconds: these only where there is time. */
const IS_LONG = Number(process.env['RAINSTORM_TEST_LONG'] ?? 0) > 0;
const MORE_COMMANDS: typeof COMMANDS = [
  ['cat', ['replay', 'restart', 'fold']],
  ["sed 's/k/q/'", ['replay', 'restart', 'fold']],
  ['tr a-z A-Z', ['replay', 'restart', 'fold']],
  ['sort -u | cat', ['replay', 'fold']],
  ['wc -l', ['replay']],
  ['tac', ['replay', 'fold']],
  ['paste - -', ['replay']],
  ["bash -c 'while read -r line; do echo \"$line\"; done' | cat", ['replay', 'restart', 'fold']],
  ['uniq', ['replay', 'fold']],
  ['sort | uniq -c', ['replay']],
  ['head -n 5', ['replay', 'fold']],
  ['date +%N', []],
];
const MORE_OWN: typeof COMMANDS = [['aggregate=line', ['replay']]];

describe('contracts', { timeout: CHECK_LIMIT_MS }, () => {
  test.each([...COMMANDS, ...(IS_LONG ? MORE_COMMANDS : [])])('%s: %j', async (command, contracts) => {
    expect((await check(command, LINES)).contracts).toEqual(contracts);
  });

  test.each([...OWN, ...(IS_LONG ? MORE_OWN : [])])('of our own %s: %j', async (stage, contracts) => {
    const result = await check(stage, LINES);
    expect(result).toMatchObject({ contracts, ownOperator: true });
  });

  test.runIf(IS_LONG)('a program whose hash tables have random orders is kept from that, as in a job', async () => {
    const script = 'import sys\nfor word in set(sys.stdin): sys.stdout.write(word)';
    expect((await check(`python3 -c '${script}'`, LINES)).contracts).toContain('replay');
  });

  test('without a sample it makes its own, with words of the command', async () => {
    const result = await check('grep Zwieback');
    expect(result.samples).toEqual(['words']);
    expect(result).toMatchObject({ contracts: ['replay', 'restart', 'fold'], advice: 'restart' });
  });

  test.runIf(IS_LONG)('a program that reads JSON is tried on what it can read', async () => {
    const script = 'let text = ""; process.stdin.on("data", (chunk) => { text += chunk; }).on("end", () => { for (const line of text.split("\\n").slice(0, -1)) console.log(JSON.parse(line).key); });';
    const result = await check(`${execPath} -e '${script}'`, undefined, {});
    expect(result.samples).toContain('JSON lines');
    expect(result.contracts).toEqual(['replay', 'restart']);
  });
});

describe('a sum that is printed short', { timeout: CHECK_LIMIT_MS }, () => {
  test.runIf(IS_LONG)('is a fold of the small whole numbers of a sample, with a caution', async () => {
    const result = await check(SUM, LINES);
    expect(result).toMatchObject({ contracts: ['replay', 'fold'], advice: 'fold' });
    expect(result.cautions).toEqual([expect.stringMatching(/loses digits of numbers that are (large or )?fractional/)]);
  });

  test('is none of fractions: the example shows the digits that were lost', async () => {
    const result = await check(SUM, FRACTIONS);
    expect(result.contracts).toEqual(['replay']);
    const { verdict, example } = finding(result, 'foldable');
    expect(verdict).toBe('no');
    const [, expected] = example?.expected?.split(' ') ?? [];
    const [, got] = example?.got?.split(' ') ?? [];
    expect(Number(got)).not.toBe(Number(expected));
    expect(Number(got) / Number(expected)).toBeCloseTo(1, 3);
    expect(example?.inputTuples).toBeLessThanOrEqual(3);
  });

  test.runIf(IS_LONG)('is none without a sample that says what the numbers are', async () => {
    const result = await check(SUM);
    expect(result.contracts).toEqual(['replay']);
    expect(verdict(result, 'foldable')).toBe('yes');
    expect(finding(result, 'fold-fractions')).toMatchObject({ verdict: 'no', example: { got: expect.stringMatching(/^\w+ [\d.e+]+$/) } });
  });

  test('is a fold of any numbers if every digit is printed', async () => {
    const result = await check("perl -lane '$s{$F[0]} += $F[1]; END { printf \"%s %.17g\\n\", $_, $s{$_} for sort keys %s }'", FRACTIONS);
    expect(result.contracts).toEqual(['replay', 'fold']);
    expect(verdict(result, 'fold-large-numbers')).toBe('yes');
  });
});

describe('a program that is not deterministic', { timeout: CHECK_LIMIT_MS }, () => {
  test('is shown by the smallest input', async () => {
    const result = await check('while read -r line; do echo "$RANDOM $line"; done', LINES);
    expect(finding(result, 'deterministic')).toMatchObject({ verdict: 'no', why: 'two runs over the same input differ', example: { inputTuples: 1 } });
    expect(verdict(result, 'stateless')).toBe('unknown');
  });

  test('by the second of the day is found out', async () => {
    expect(finding(await check("awk '{ print } END { system(\"date +%s\") }'", LINES), 'deterministic').verdict).toBe('no');
  });

  test('that depends on how its input is cut is told so', async () => {
    expect(finding(await check("perl -e 'print length($_), \"\\n\" while sysread STDIN, $_, 65536'", LINES), 'deterministic')).toMatchObject({ verdict: 'no', why: 'it depends on how its input is cut into writes' });
  });

  test('in the order of its lines only is told so', async () => {
    const result = await check('shuf', LINES);
    expect(finding(result, 'deterministic')).toMatchObject({ verdict: 'no', why: expect.stringContaining('the same lines in another order') });
  });
});

test('examples are small: a running count needs two tuples of one key', { timeout: CHECK_LIMIT_MS }, async () => {
  const result = await check("awk '{ print $1, ++n[$1] }'", LINES);
  const { example } = finding(result, 'stateless');
  expect(example?.inputTuples).toBe(2);
  expect(example?.input[0]?.split(' ')[0]).toBe(example?.input[1]?.split(' ')[0]);
  expect(example).toMatchObject({ expected: expect.stringMatching(/ 2$/), got: expect.stringMatching(/ 1$/) });
});
