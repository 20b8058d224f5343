import { expect, test } from 'vitest';
import { differenceOf, exampleOf, showTuple } from '../../src/check/difference.ts';
import { tuples } from './harness.ts';

const text = (...lines: readonly string[]) => Buffer.concat(tuples(...lines));

test('outputs are the same, in another order, or different', () => {
  expect(differenceOf(text('a', 'b'), text('a', 'b'))).toBe('none');
  expect(differenceOf(text('a', 'b'), text('b', 'a'))).toBe('order');
  expect(differenceOf(text('a', 'b'), text('a', 'b', 'b'))).toBe('content');
  expect(differenceOf(Buffer.from([0xff, 0x0a]), Buffer.from([0xfe, 0x0a]))).toBe('content');
});

test('an example shows the first lines that differ, and the beginning of the input', () => {
  const input = tuples('1', '2', '3', '4', '5', '6', '7');
  expect(exampleOf({ how: 'so', input, expected: text('a', 'b', 'c'), got: text('a', 'x', 'c') })).toEqual({
    how: 'so', input: ['1', '2', '3', '4', '5'], inputTuples: 7, expected: 'b', got: 'x',
  });
});

test('where one output ends before the other, nothing stands against its next line', () => {
  expect(exampleOf({ how: '', input: [], expected: text('a'), got: text('a', 'b') })).toMatchObject({ expected: undefined, got: 'b' });
  expect(exampleOf({ how: '', input: [], expected: text('a', 'b'), got: Buffer.alloc(0) })).toMatchObject({ expected: 'a', got: undefined });
});

test('a tuple is shown in one line of bounded length', () => {
  expect(showTuple(Buffer.from('a\nb\r\0\\\n'))).toBe(String.raw`a\nb\r\0\\`);
  expect(showTuple(Buffer.alloc(5_000, 'x')).length).toBeLessThanOrEqual(100);
});
