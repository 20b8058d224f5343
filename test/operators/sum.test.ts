import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDecimal, readShortDecimal } from '../../operators/lib/decimal.ts';
import { sumByKey } from '../../operators/lib/sums.ts';
import { applyTo, finishOperator, outputOf } from './harness.ts';

const sum = (text: string) => applyTo(sumByKey(1, 2), 'csv', [Buffer.from(text)]).toString();
const ofOne = (...values: string[]) => sum(values.map((value) => `k,${value}\n`).join('')).replace(/^k,/, '').trimEnd();

describe('as a process', () => {
  test('gives count, sum, min, max and mean for each key, in byte order', async () => {
    const input = 'b,x,1\na,x,0.1\n"a",x,0.2\nb,x,-3\nb,x,"1"\n';
    expect(await outputOf('sum', ['1/3'], input)).toBe('a,2,0.3,0.1,0.2,0.15\nb,3,-1,-3,1,-0.33333333333333333333\n');
  });

  test('with --header takes names and begins with a header', async () => {
    expect(await outputOf('sum', ['--header', 'shop/"km/h"'], 'shop,km/h\nA,5\n')).toBe('shop,count,sum,min,max,mean\nA,1,5,5,5,5\n');
  });

  test('a value that is no number ends it with the line, the value, the column and the tuple', async () => {
    const { status, stdout, stderr } = await finishOperator('sum', ['--format', 'csv', '1/2'], '"a\nb",1\na,abc,x\n');
    expect(stderr).toBe('sum: line 3: "abc" is not a number (column 2): a,abc,x\n');
    expect(status).toBe(1);
    expect(stdout.length).toBe(0);
  });

  test('the line counts the header and the blocks before', async () => {
    const input = `k,v\n${'a,1\n'.repeat(100_000)}"a",\n`;
    const { stderr } = await finishOperator('sum', ['--header', 'k/v'], input);
    expect(stderr).toBe('sum: line 100002: "" is not a number (column 2): "a",\n');
  });
});

describe('numbers', () => {
  test.each(['1', '-1', '+5', ' 7 ', '1.5', '.5', '5.', '1e3', '1E-3', '-0', '007', '0.10', '123456789012345678901234567890.5'])('%j is one', (text) => {
    expect(() => ofOne(text)).not.toThrow();
  });

  test.each(['', ' ', 'abc', '1_000', '"1,000"', 'NaN', 'Infinity', '-Infinity', '0x10', '1e', '--1', '+-1', '.', '1.2.3', '1 2', '١'])('%j is none', (text) => {
    expect(() => ofOne(text)).toThrow(/is not a number \(column 2\)/);
  });

  test('a column that is not there is none', () => {
    expect(() => sum('k\n')).toThrow('line 1: a missing value is not a number (column 2): k');
  });

  test('one that would fill a page is refused', () => {
    expect(() => ofOne('1e999999999')).toThrow('"1e999999999" is out of range');
    expect(() => ofOne('1e-10001')).toThrow('out of range');
    expect(ofOne('1e10000')).toContain(`1${'0'.repeat(10_000)}`);
  });

  test('a long tuple is cut in the message, and control characters are written out', () => {
    expect(() => sum(`"a\n${'x'.repeat(300)}",b\n`)).toThrow(/^line 1: "b" is not a number \(column 2\): "a\\nx{197}…$/);
  });
});

describe('results', () => {
  test('are exact, plain and without trailing zeros', () => {
    expect(ofOne('0.1', '0.2')).toBe('2,0.3,0.1,0.2,0.15');
    expect(ofOne('1.50', '2.50')).toBe('2,4,1.5,2.5,2');
    expect(ofOne('1e21', '1e-7')).toBe('2,1000000000000000000000.0000001,0.0000001,1000000000000000000000,500000000000000000000.00000005');
    expect(ofOne('-0')).toBe('1,0,0,0,0');
  });

  test('means are rounded half to even in the 20th decimal place', () => {
    expect(ofOne('1', '1', '0')).toBe('3,2,0,1,0.66666666666666666667');
    expect(ofOne('0.00000000000000000001', '0')).toMatch(/,0$/);
    expect(ofOne('0.00000000000000000003', '0')).toMatch(/,0.00000000000000000002$/);
  });

  test('stay exact where doubles would not', () => {
    const large = '999999999999999';
    expect(ofOne(...Array<string>(20).fill(large))).toBe(`20,19999999999999980,${large},${large},${large}`);
    expect(ofOne('9007199254740993', '0.1', large)).toBe('3,10007199254740992.1,0.1,9007199254740993,3335733084913664.03333333333333333333');
  });

  test('equal exact arithmetic, in any order', () => {
    const value = fc.tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 18 }), fc.constantFrom(1n, 10n ** 9n, 10n ** 15n));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
        const numbers = values.map(([units, scale, divisor]) => ({ units: units / divisor, scale }));
        const at18 = numbers.map(({ units, scale }) => units * 10n ** BigInt(18 - scale)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
        const total = at18.reduce((sum, units) => sum + units, 0n);
        const expected = [total, at18.at(0) ?? 0n, at18.at(-1) ?? 0n].map((units) => plain(units, 18));
        const texts = numbers.map(({ units, scale }) => plain(units, scale));
        for (const order of [texts, texts.toReversed()]) {
          const [count, ...results] = ofOne(...order).split(',');
          expect(count).toBe(String(values.length));
          expect(results.slice(0, 3)).toEqual(expected);
          expect(results[3]).toBe(plain(halfEven(total * 100n, BigInt(values.length)), 20));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('the short way of reading numbers agrees with the long one', () => {
    const text = fc.string({ unit: fc.constantFrom('0', '1', '9', '.', '-', '+', ' ', 'e'), maxLength: 18 });
    const short = { units: 0, scale: 0 };
    fc.assert(
      fc.property(text, (text) => {
        if (!readShortDecimal(Buffer.from(text), 0, text.length, short)) return;
        const long = readDecimal(text);
        expect(typeof long === 'string' ? long : long.eq(`${short.units}e-${short.scale}`)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });
});

/** `units * 10^-scale` in plain notation without trailing zeros. */
function plain(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/\.?0+$/, '');
  return units < 0n ? `-${text}` : text;
}

function halfEven(units: bigint, by: bigint): bigint {
  const sign = units < 0n ? -1n : 1n;
  const whole = (units * sign) / by;
  const rest = (units * sign) % by;
  const up = rest * 2n > by || (rest * 2n === by && whole % 2n === 1n);
  return sign * (up ? whole + 1n : whole);
}
