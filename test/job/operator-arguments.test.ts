import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseColumnList, parseColumnReference, parseColumnSelectors, parseFilterArgument, parseKeyArgument, parseRegexArgument, parseReplaceArgument,
  parseSeparatorArgument, parseSumArgument,
} from '../../src/job/operator-arguments.ts';
import { failureOf } from './failure.ts';

describe('a regex', () => {
  test.each([
    ['/a/', 'a', ''],
    ['/a b,c/i', 'a b,c', 'i'],
    [String.raw`/a\/b/`, String.raw`a\/b`, ''],
    ['/a/gi', 'a', 'i'],
    [String.raw`/\p{Lu}/u`, String.raw`\p{Lu}`, 'u'],
  ])('%s', (text, source, flags) => expect(parseRegexArgument(text)).toEqual({ source, flags }));

  test.each([
    ['abc', 'OPERATOR_ARGUMENT abc has no closing slash\n> A regular expression is written /regex/ or /regex/flags, as in /stop|yield/i. A slash inside it is written \\/.'],
    ['/abc', 'OPERATOR_ARGUMENT /abc has no closing slash\n> A regular expression is written /regex/ or /regex/flags, as in /stop|yield/i. A slash inside it is written \\/.'],
    ['/usr/bin', 'OPERATOR_ARGUMENT "bin" behind the closing slash is no set of flags\n> Flags are i, m, s, u and v, as in JavaScript. If the text has slashes of its own, write them \\/.'],
    ['/a/ii', 'OPERATOR_ARGUMENT the flags "ii" do not go together\n> Each flag is given once, and of u and v only one.'],
    ['/a/uv', 'OPERATOR_ARGUMENT the flags "uv" do not go together\n> Each flag is given once, and of u and v only one.'],
    ['//', 'OPERATOR_ARGUMENT the regular expression between the slashes is empty\n> Write one, as in /stop/i. One that matches everything is /^/.'],
    ['/(a/i', "OPERATOR_ARGUMENT /(a/i is no regular expression: Unterminated group\n> Regular expressions are JavaScript's. A special character that is meant literally is escaped, as in \\( or \\*."],
  ])('refused: %s', (text, expected) => expect(failureOf(() => parseRegexArgument(text))).toBe(expected));
});

describe('replace does as sed does', () => {
  test.each([
    ['/o/0/', 'foo boo', 'f00 b00'],
    ['/O/0/i', 'foo', 'f00'],
    ['/o+/<&>/', 'foo', 'f<oo>'],
    [String.raw`/(\w+) (\w+)/\2 \1/`, 'foo bar', 'bar foo'],
    [String.raw`/(o)/\10/`, 'fo', 'fo0'],
    [String.raw`/o/\&/`, 'fo', 'f&'],
    [String.raw`/o/\//`, 'fo', 'f/'],
    [String.raw`/o/\\/`, 'fo', 'f\\'],
    [String.raw`/,/\t/`, 'a,b', 'a\tb'],
    ['/o/$1$$&/', 'fo', 'f$1$$o'],
    [String.raw`/o/\$&/`, 'fo', 'f$o'],
    ['/o//', 'foo', 'f'],
    [String.raw`/a\/b/-/`, 'a/b', '-'],
    [String.raw`/(?<x>o)(p)?/[\1\2]/`, 'fo', 'f[o]'],
  ])('%s on %s', (argument, tuple, expected) => {
    const { source, flags, replacement } = parseReplaceArgument(argument);
    expect(tuple.replace(new RegExp(source, `${flags}g`), replacement)).toBe(expected);
  });

  test('any text without special characters replaces as it is', () => {
    fc.assert(fc.property(fc.string().map((text) => text.replaceAll('\n', '')), (text) => {
      const { replacement } = parseReplaceArgument(`/(x)/${text.replace(/[\\&/]/g, String.raw`\$&`)}/`);
      expect('axb'.replace(/(x)/g, replacement)).toBe(`a${text}b`);
    }));
  });

  test.each([
    ['/a/b', 'OPERATOR_ARGUMENT /a/b is not of the form /regex/text/\n> Three slashes are needed, as in /colour/color/ or /(\\d+) km/\\1 kilometres/i. A slash of the text itself is written \\/.'],
    ['/a/b/x', 'OPERATOR_ARGUMENT "x" behind the closing slash is no set of flags\n> Flags are i, m, s, u and v, as in JavaScript. If the text has slashes of its own, write them \\/.'],
    [String.raw`/a/\1/`, 'OPERATOR_ARGUMENT \\1 in the text, but the regular expression has no group\n> A group is made by parentheses, as in /(\\d+) km/\\1 kilometres/. The whole match is &.'],
    [String.raw`/(a)(b)/\3/`, 'OPERATOR_ARGUMENT \\3 in the text, but the regular expression has 2 groups\n> A group is made by parentheses, as in /(\\d+) km/\\1 kilometres/. The whole match is &.'],
    [String.raw`/a/\n/`, 'OPERATOR_ARGUMENT the text holds a newline\n> A tuple stays one record here. To make several of one, use flatmap.'],
    ['/a/\n/', 'OPERATOR_ARGUMENT the text holds a newline\n> A tuple stays one record here. To make several of one, use flatmap.'],
    ['/a/\\\n/', 'OPERATOR_ARGUMENT the text holds a newline\n> A tuple stays one record here. To make several of one, use flatmap.'],
    [String.raw`/a/\d/`, 'OPERATOR_ARGUMENT \\d has no meaning in the text\n> There are \\1 to \\9 for groups, & for the whole match, \\t for a tab, \\& \\/ \\\\ for the characters themselves.'],
  ])('refused: %j', (text, expected) => expect(failureOf(() => parseReplaceArgument(text))).toBe(expected));
});

describe('columns', () => {
  test.each([
    ['1', [1]],
    ['1-3,7', [1, 2, 3, 7]],
    [' 7 , 1-1 , 7', [7, 1, 7]],
  ])('%s', (text, columns) => expect(parseColumnList(text)).toEqual(columns));

  test('names may be quoted, with a comma, a dash or digits in them', () => {
    expect(parseColumnSelectors('Asset Category, 2-3 ,"a, ""b""-c","4"')).toEqual([
      { kind: 'header', name: 'Asset Category' },
      { kind: 'range', from: 2, to: 3 },
      { kind: 'header', name: 'a, "b"-c' },
      { kind: 'header', name: '4' },
    ]);
  });

  test.each([
    ['', 'OPERATOR_ARGUMENT the list of columns is empty\n> Give column numbers, ranges or header names, separated by commas, as in 1-3,7 or Name,Price.'],
    ['1,,2', 'OPERATOR_ARGUMENT 1,,2 has an empty entry\n> Give column numbers, ranges or header names, separated by commas, as in 1-3,7 or Name,Price.'],
    ['0', 'OPERATOR_ARGUMENT 0 is no column number\n> Columns are numbered from 1 to at most 65536.'],
    ['1-999999999', 'OPERATOR_ARGUMENT 999999999 is no column number\n> Columns are numbered from 1 to at most 65536.'],
    ['1-60000,1-60000', 'OPERATOR_ARGUMENT 1-60000,1-60000 names more than 65536 columns'],
    ['3-1', 'OPERATOR_ARGUMENT the range 3-1 runs backwards\n> Write 1-3, or the columns one by one in the order wanted, as in 3,2.'],
    ['3-', 'OPERATOR_ARGUMENT 3- is neither a column number nor a range\n> A range has two ends, as in 3-7. A header name that looks like this is put in double quotes.'],
    ['"a', 'OPERATOR_ARGUMENT "a has a double quote that is not closed\n> A header name in double quotes ends with one; a quote inside it is written twice.'],
    ['1,Name', 'OPERATOR_ARGUMENT "Name" is no column number\n> Without a job there is no header to look names up in: give numbers, as in 1-3,7.'],
  ])('refused: %j', (text, expected) => expect(failureOf(() => parseColumnList(text))).toBe(expected));

  test('a key is a column, the line, or a name', () => {
    expect(parseKeyArgument('line')).toEqual({ kind: 'line' });
    expect(parseKeyArgument('12')).toEqual({ kind: 'column', column: 12 });
    expect(parseKeyArgument('"line"')).toEqual({ kind: 'header', name: 'line' });
    expect(parseColumnReference('line')).toEqual({ kind: 'header', name: 'line' });
    expect(failureOf(() => parseKeyArgument(' '))).toBe('OPERATOR_ARGUMENT the column is empty\n> Give a column number from 1, or a header name.');
  });

  test('sum takes two, by number or name', () => {
    expect(parseSumArgument('1/Price')).toEqual({ key: { kind: 'column', column: 1 }, value: { kind: 'header', name: 'Price' } });
    expect(parseSumArgument('"km/h"/3')).toEqual({ key: { kind: 'header', name: 'km/h' }, value: { kind: 'column', column: 3 } });
    const hint = `> Two columns are needed, as in 1/3 or Category/Price. A name with a slash in it is put in double quotes, inside single ones: '"km/h"/3'.`;
    for (const text of ['1', '1/', '/1', '1/2/3']) expect(failureOf(() => parseSumArgument(text))).toBe(`OPERATOR_ARGUMENT ${text} is not of the form KEY/VALUE\n${hint}`);
  });
});

describe('a text or a regex', () => {
  test('filter', () => {
    expect(parseFilterArgument(undefined)).toEqual({ kind: 'not-blank' });
    expect(parseFilterArgument('a/b')).toEqual({ kind: 'text', text: 'a/b' });
    expect(parseFilterArgument('/a|b/i')).toEqual({ kind: 'regex', source: 'a|b', flags: 'i' });
    expect(failureOf(() => parseFilterArgument(''))).toBe('OPERATOR_ARGUMENT an empty text is in every tuple\n> Give a text or a /regex/, or leave the argument away to keep the lines that are not blank.');
  });

  test('flatmap', () => {
    expect(parseSeparatorArgument(undefined)).toEqual({ kind: 'words' });
    expect(parseSeparatorArgument(';')).toEqual({ kind: 'text', text: ';' });
    expect(parseSeparatorArgument('/')).toEqual({ kind: 'text', text: '/' });
    expect(parseSeparatorArgument(String.raw`/\W+/`)).toEqual({ kind: 'regex', source: String.raw`\W+`, flags: '' });
    expect(failureOf(() => parseSeparatorArgument(''))).toBe('OPERATOR_ARGUMENT the separator is empty\n> Give a text or a /regex/, or leave the argument away to cut at white space.');
  });
});
