import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ControlParser } from '../../src/kit/control-parser.ts';
import { chunksOf, cutPoints } from '../job/csv-samples.ts';

function parse(text: string | Buffer, lengths: readonly number[] = [1_000]): ControlParser {
  const parser = new ControlParser();
  for (const chunk of chunksOf(Buffer.from(text), lengths)) parser.push(chunk);
  return parser;
}

test('a fresh start has no state; a restored one has exactly the bytes that were sent, wherever they are cut', () => {
  expect(parse('fresh\n')).toMatchObject({ begun: true, unfinished: false, wanted: undefined });
  expect(parse('fresh\n').takeState()).toBeUndefined();
  expect(parse('restore 0\n').takeState()).toEqual(Buffer.alloc(0));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), cutPoints, (state, lengths) => {
      const parser = parse(Buffer.concat([Buffer.from(`restore ${state.length}\n`), state, Buffer.from('checkpoint 3 12\n')]), lengths);
      expect(parser.takeState()).toEqual(Buffer.from(state));
      expect(parser.wanted).toEqual({ id: 3, offset: 12 });
    }),
  );
});

test('a checkpoint is wanted until it is answered, and holds the operator until continue', () => {
  const parser = parse('fresh\ncheckpoint 1 0\n');
  expect(parser).toMatchObject({ wanted: { id: 1, offset: 0 }, held: false });
  parser.markAnswered();
  expect(parser).toMatchObject({ wanted: undefined, held: true });
  parser.push(Buffer.from('continue 1\ncheckpoint 2 9007199254740991\n'));
  expect(parser).toMatchObject({ wanted: { id: 2, offset: 9007199254740991 }, held: false });
});

test('what has begun and is not complete is known as such', () => {
  for (const text of ['f', 'restore 5\n1234', 'fresh\ncheck']) expect(parse(text).unfinished).toBe(true);
});

test.each([
  '\n', 'hello\n', 'Fresh\n', 'fresh \n', 'fresh 1\n', 'checkpoint 1 0\n', 'restore\n', 'restore x\n', 'restore -1\n', 'restore 01\n',
  'restore 9007199254740992\n', 'fresh\nfresh\n', 'fresh\ncheckpoint 1\n', 'fresh\ncheckpoint 1  0\n', 'fresh\ncheckpoint 1 0 0\n', 'fresh\ncontinue 1\n',
  'fresh\r\n', 'fresh\ncheckpoint 1 0\ncheckpoint 2 0\n', 'fresh\ncheckpoint 1 0\ncontinue 1\n', 'x'.repeat(257),
])('%j is refused', (text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'PROTOCOL', message: expect.stringMatching(/^descriptor 3 says "/) }));
});

test('continue for another checkpoint is refused', () => {
  const parser = parse('fresh\ncheckpoint 5 0\n');
  parser.markAnswered();
  expect(() => parser.push(Buffer.from('continue 4\n'))).toThrow('no state of that number was given');
});

test('any bytes either make sense or are refused', () => {
  const words = fc.constantFrom('fresh', 'restore', 'checkpoint', 'continue', ' ', '\n', '0', '7', 'x', '\xff');
  fc.assert(
    fc.property(fc.array(words, { maxLength: 20 }), cutPoints, (parts, lengths) => {
      const outcome = (lengths: readonly number[]) => {
        try {
          const { begun, unfinished, wanted } = parse(Buffer.from(parts.join(''), 'latin1'), lengths);
          return JSON.stringify({ begun, unfinished, wanted });
        } catch (error) {
          expect(error).toMatchObject({ code: 'PROTOCOL' });
          return 'refused';
        }
      };
      expect(outcome(lengths)).toBe(outcome([1_000]));
    }),
    { numRuns: 500 },
  );
});
