import { describe, expect, test } from 'vitest';
import { replaceMatches } from '../../operators/lib/replace-matches.ts';
import { parseReplaceArgument } from '../../src/job/operator-arguments.ts';
import { applyTo, outputOf } from './harness.ts';

const latin1 = (text: string) => Buffer.from(text).toString('latin1');
const replace = (argument: string, text: string) =>
  applyTo(replaceMatches(parseReplaceArgument(argument)), 'lines', [Buffer.from(text, 'latin1')]).toString('latin1');

test('as a process, replaces all matches in the line and leaves the rest as it came', async () => {
  expect(await outputOf('replace', ['/colou?r/tint/i'], 'Color colour\nnone\r\nx color')).toBe('tint tint\nnone\r\nx tint\n');
});

test('knows groups and the whole match', () => {
  expect(replace('/(\\d+) (km)/\\2 \\1 [&]/', '7 km, 12 km\n')).toBe('km 7 [7 km], km 12 [12 km]\n');
});

test('an empty match is replaced between all characters', () => {
  expect(replace('/x*/-/', 'abx\n\n')).toBe('-a-b--\n-\n');
});

test('does not cut a character in two', () => {
  expect(replace('/(.)/\\1-/', latin1('é😀\n'))).toBe(latin1('é-😀-\n'));
});

describe('a tuple that is not UTF-8', () => {
  test('keeps its other bytes', () => {
    expect(replace('/a/b/', '\xffa\xc3\na\n')).toBe('\xffb\xc3\nb\n');
  });

  test('gets the new text as UTF-8', () => {
    expect(replace('/a/é€/', `\xffa\n`)).toBe(`\xff${latin1('é€')}\n`);
  });

  test('does not change how the others are read', () => {
    expect(replace('/^.$/x/', `\xff\xfe\n${latin1('é')}\n`)).toBe('\xff\xfe\nx\n');
  });
});
