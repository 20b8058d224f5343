import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../operators/lib/pattern.ts';
import { keepMatching, keepNotBlank, keepWithText } from '../../operators/lib/keep.ts';
import { applyTo, outputOf } from './harness.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const utf8AsLatin1 = (text: string) => Buffer.from(text).toString('latin1');
const matching = (source: string, flags: string, text: string) =>
  applyTo(keepMatching(compilePattern({ source, flags })), 'lines', [bytes(text)]).toString('latin1');

describe('as a process', () => {
  test('keeps the tuples that contain a text, byte for byte', async () => {
    expect(await outputOf('filter', ['Stop'], bytes('Stop 1\n\xff Stop\0\r\nno\nlast Stop'))).toBe('Stop 1\n\xff Stop\0\r\nlast Stop\n');
  });

  test('keeps the tuples that match a regex', async () => {
    expect(await outputOf('filter', ['/^stop|yield$/i'], 'Stop x\nx stop\nx Yield\n')).toBe('Stop x\nx Yield\n');
  });

  test('without an argument keeps those that are not blank', async () => {
    expect(await outputOf('filter', [], 'a\n\n \t\r\n \0\n')).toBe('a\n \0\n');
  });

  test('takes a CSV record with newlines as one tuple', async () => {
    expect(await outputOf('filter', ['--format', 'csv', 'Stop'], '1,"Stop\nhere"\n2,"no\nway"\n')).toBe('1,"Stop\nhere"\n');
  });

  test('behind -- an argument may begin with a dash', async () => {
    expect(await outputOf('filter', ['--', '-x'], 'a-x\nb\n')).toBe('a-x\n');
  });
});

describe('a text', () => {
  const keep = (text: string, input: string) => applyTo(keepWithText(Buffer.from(text)), 'csv', [bytes(input)]).toString('latin1');

  test('is found more than once in a tuple, at its ends, and in neighbours', () => {
    expect(keep('ab', 'abab\nxab\nb\nabx\na\n')).toBe('abab\nxab\nabx\n');
  });

  test('is not found across two tuples, nor with a tuple\'s own newline', () => {
    expect(keep('b\nc', 'ab\ncd\n"b\nc"\n')).toBe('"b\nc"\n');
    expect(keep('b\n', 'ab\n"b\n"\n')).toBe('"b\n"\n');
  });

  test('is compared as bytes', () => {
    expect(keep('é', `${utf8AsLatin1('café')}\n\xe9\n`)).toBe(`${utf8AsLatin1('café')}\n`);
  });
});

describe('a regex', () => {
  test('sees whole characters', () => {
    expect(matching('^.$', '', utf8AsLatin1('é\n😀\nab\n'))).toBe(utf8AsLatin1('é\n😀\n'));
  });

  test('sees a tuple that is not UTF-8 as one character for each byte, whatever stands beside it', () => {
    expect(matching('^..$', '', `\xff\xc3\n${utf8AsLatin1('éé')}\nabc\n`)).toBe(`\xff\xc3\n${utf8AsLatin1('éé')}\n`);
  });

  test('sees the CR before a newline', () => {
    expect(matching('a$', '', 'a\r\na\n')).toBe('a\n');
  });

  test('may be one that is valid only without the flag u', () => {
    expect(matching('a\\-{', '', 'a-{\nb\n')).toBe('a-{\n');
  });
});

test('only space, tab and CR are blank', () => {
  expect(applyTo(keepNotBlank(), 'lines', [bytes(' \t \r\n\v\n\xa0\n\n""\n')]).toString('latin1')).toBe('\v\n\xa0\n""\n');
});
