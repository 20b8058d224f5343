import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { generatedHeader, generatedSamples, numberSamples } from '../../src/check/generated-samples.ts';
import { readSample } from '../../src/check/read-sample.ts';
import { doubled, toSample } from '../../src/check/sample.ts';
import { varyNumbers } from '../../src/check/vary-numbers.ts';
import { failureOf, scratch } from '../connect/scratch.ts';
import { tuples } from './harness.ts';

const READING = { format: undefined, header: false };

describe('made-up samples', () => {
  test('are the same each time, and hold the words of the command', () => {
    const samples = generatedSamples("grep -i 'Zwieback|Brot'", 'lines');
    expect(samples).toEqual(generatedSamples("grep -i 'Zwieback|Brot'", 'lines'));
    const [words] = samples;
    expect(words?.tuples.some((tuple) => tuple.includes('Zwieback'))).toBe(true);
    expect(samples.every((sample) => sample.tuples.length > 50)).toBe(true);
  });

  test('have equal neighbours, for programs that look at those', () => {
    expect(generatedSamples('uniq', 'lines').map(doubled)[0]).toBeUndefined();
  });

  test('are CSV records where the format is CSV', () => {
    for (const { name, tuples } of generatedSamples('x', 'csv')) {
      expect(toSample(name, 'csv', Buffer.concat([...tuples])).tuples).toHaveLength(tuples.length);
    }
    expect(generatedHeader().toString()).toMatch(/^trip,.*,status$/);
  });

  test('have numbers of the size that is asked for', () => {
    const numbersOf = (size: 'small' | 'large' | 'fractional') => numberSamples(size, 'lines').find(({ name }) => name === 'numbers')?.tuples.map(Number) ?? [];
    expect(numbersOf('small').every((number) => number < 1000)).toBe(true);
    expect(numbersOf('large').every((number) => number >= 2 ** 31)).toBe(true);
    expect(numbersOf('large').some((number) => number > 2 ** 53)).toBe(true);
    expect(numbersOf('fractional').filter((number) => !Number.isInteger(number)).length).toBeGreaterThan(100);
  });
});

describe('variations of a sample', () => {
  test('numbers that stand by themselves become large or fractional, words and dates stay', () => {
    const sample = { name: 's', tuples: tuples('a1 5 2025-03-01', 'b 7.25,x') };
    expect(varyNumbers(sample, 'large')?.tuples.map(String)).toEqual(['a1 2148718220 2025-03-01\n', 'b 2148718222,x\n']);
    expect(varyNumbers(sample, 'fractional')?.tuples.map(String)).toEqual([expect.stringMatching(/^a1 10005\.\d{3} 2025-03-01\n$/), expect.stringMatching(/^b 10007\.\d{3},x\n$/)]);
  });

  test('a sample without numbers has none, and other bytes stay as they are', () => {
    expect(varyNumbers({ name: 's', tuples: tuples('a', 'b') }, 'large')).toBeUndefined();
    const [varied] = varyNumbers({ name: 's', tuples: [Buffer.from([0xff, 0x20, 0x31, 0x0a])] }, 'large')?.tuples ?? [];
    expect(varied?.[0]).toBe(0xff);
  });

  test('a sample without equal neighbours gets some', () => {
    expect(doubled({ name: 's', tuples: tuples('a', 'b') })?.tuples.map(String)).toEqual(['a\n', 'a\n', 'b\n', 'b\n']);
    expect(doubled({ name: 's', tuples: tuples('a', 'a') })).toBeUndefined();
  });
});

describe('a sample of the user', () => {
  test('is cut into tuples as a source would cut it', () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z,]{0,9}$/), { minLength: 1, maxLength: 30 }), (lines) => {
      const text = Buffer.from(lines.join('\n') + (lines.at(-1) === '' ? '\n' : ''));
      expect(toSample('s', 'lines', text).tuples.map((tuple) => tuple.toString())).toEqual(lines.map((line) => `${line}\n`));
    }));
  });

  test('is read by its name: CSV, gzip, with its header apart', async () => {
    const folder = await scratch({ 'a.csv': 'k,v\n"x\ny",1\nz,2\n', 'b.csv.gz': gzipSync('k,v\nz,2') });
    const read = await readSample('a.csv', folder, { format: undefined, header: true });
    expect(read).toMatchObject({ format: 'csv', header: Buffer.from('k,v'), cut: false, sample: { name: 'a.csv' } });
    expect(read.sample.tuples.map(String)).toEqual(['"x\ny",1\n', 'z,2\n']);
    expect((await readSample(join(folder, 'b.csv.gz'), '/', READING)).sample.tuples.map(String)).toEqual(['k,v\n', 'z,2\n']);
  });

  test('is taken from its beginning only, and said to be cut', async () => {
    const folder = await scratch({ many: 'x\n'.repeat(5_000), long: `${'x'.repeat(700_000)}\n`.repeat(3), huge: `${'x'.repeat(3_000_000)}\ny\n` });
    expect(await readSample('many', folder, READING)).toMatchObject({ cut: true, sample: { tuples: { length: 2_000 } } });
    expect(await readSample('long', folder, READING)).toMatchObject({ cut: true, sample: { tuples: { length: 1 } } });
    expect(await readSample('huge', folder, READING)).toMatchObject({ cut: true, sample: { tuples: { length: 1 } } });
  });

  test('must have a tuple, and be a file', async () => {
    const folder = await scratch({ empty: '' });
    expect((await failureOf(() => readSample('empty', folder, READING))).code).toBe('USAGE');
    expect((await failureOf(() => readSample('-', folder, READING))).message).toContain('more than once');
    expect((await failureOf(() => readSample('none', folder, READING))).code).toBe('SOURCE_NOT_FOUND');
  });
});
