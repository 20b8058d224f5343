import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../operators/lib/pattern.ts';
import { cutAtPattern, cutAtText } from '../../operators/lib/cut.ts';
import { applyTo, outputOf } from './harness.ts';

const atText = (text: string, input: string) => applyTo(cutAtText(Buffer.from(text)), 'csv', [Buffer.from(input)]).toString();
const atPattern = (source: string, input: string) =>
  applyTo(cutAtPattern(compilePattern({ source, flags: '' }, 'g')), 'csv', [Buffer.from(input, 'latin1')]).toString('latin1');

describe('as a process', () => {
  test('gives one line for each word, whatever its bytes', async () => {
    expect(await outputOf('flatmap', [], Buffer.from(' one  two\t\xff\xc3\r\n\n\vthree', 'latin1'))).toBe('one\ntwo\n\xff\xc3\nthree\n');
  });

  test('gives one line for each piece between separators', async () => {
    expect(await outputOf('flatmap', ['; '], 'a; b\n; ;c\n; \n')).toBe('a\nb\n;c\n');
  });

  test('gives one line for each piece between matches', async () => {
    expect(await outputOf('flatmap', ['/[^a-z]+/i'], 'Ab, cd.\n--\n')).toBe('Ab\ncd\n');
  });
});

test('a separator lies within one tuple', () => {
  expect(atText('b\nc', 'ab\ncd\n"ab\ncd"\n')).toBe('ab\ncd\n"a\nd"\n');
  expect(atText('aa', 'aaa\naab\n')).toBe('a\nb\n');
});

test('the groups of a pattern are no pieces', () => {
  expect(atPattern('(,)|(;)', 'a,b;c\n')).toBe('a\nb\nc\n');
});

test('an empty match cuts between characters', () => {
  expect(atPattern('', 'abc\n')).toBe('a\nb\nc\n');
});

test('the bytes of a tuple that is not UTF-8 stay', () => {
  expect(atPattern(',', '\xff,\xc3\n')).toBe('\xff\n\xc3\n');
});

test('the output is lines: a newline inside a CSV record ends one', () => {
  expect(atText(',', 'a,"b\nc"\n')).toBe('a\n"b\nc"\n');
});
