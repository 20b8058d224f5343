import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonLine, lineFilter, linesOf, plainLine } from '../../src/cli/log-lines.ts';
import { failureOf } from './harness.ts';

async function* chunksOf(...chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(bytes)) lines.push(line);
  return lines;
}

describe('lines', () => {
  test('any bytes come out as they went in, however they were cut into chunks', async () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((values) => values.map((value) => (value % 7 === 0 ? 10 : value)));
    await fc.assert(fc.asyncProperty(fc.array(bytes, { maxLength: 6 }), async (chunks) => {
      const whole = Buffer.concat(chunks);
      const lines = await collect(chunksOf(...chunks));
      const joined = Buffer.concat(lines.map((line) => plainLine(line, '')));
      expect(joined).toEqual(whole.length === 0 || whole.at(-1) === 10 ? whole : Buffer.concat([whole, Buffer.from('\n')]));
    }));
  });

  test('a failure within the bytes comes after the lines before it', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one\ntw');
      throw new Error('broke off');
    }
    const lines: string[] = [];
    const read = async () => {
      for await (const line of linesOf(failing())) lines.push(line);
    };
    await expect(read()).rejects.toThrow('broke off');
    expect(lines.slice(0, 1)).toEqual(lines);
  });

  test('a prefix stands before the bytes', () => {
    expect(plainLine('B\xe4r\xff', '2-0 ')).toEqual(Buffer.from([...Buffer.from('2-0 B'), 0xe4, 0x72, 0xff, 10]));
  });
});

describe('JSON', () => {
  const event = (line: string) => JSON.parse(jsonLine(Buffer.from(line).toString('latin1'), '2-0')) as unknown;

  test('an event is taken apart', () => {
    expect(event('2025-03-01T12:00:00.000Z OUTPUT 2-0#7 Bär  "x" ')).toEqual({ task: '2-0', time: '2025-03-01T12:00:00.000Z', event: 'OUTPUT', text: '2-0#7 Bär  "x" ' });
    expect(event('2025-03-01T12:00:00.000Z END ')).toEqual({ task: '2-0', time: '2025-03-01T12:00:00.000Z', event: 'END', text: '' });
    expect(event('2025-03-01T12:00:00.000Z END')).toEqual({ task: '2-0', time: '2025-03-01T12:00:00.000Z', event: 'END', text: '' });
  });

  test('a line that is none stays whole', () => {
    for (const line of ['', 'x', 'END of it all', '2025-03-01T12:00:00.000Z']) expect(event(line)).toEqual({ task: '2-0', time: null, event: null, text: line });
  });

  test('it is one line, whatever bytes there are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const line = jsonLine(Buffer.from(bytes).toString('latin1').replaceAll('\n', ''), '0-0');
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(JSON.parse(line)).toMatchObject({ task: '0-0' });
    }));
  });
});

describe('grep', () => {
  const latin1 = (text: string) => Buffer.from(text).toString('latin1');

  test('letters beyond ASCII match', () => {
    expect(['Bär', 'Bar', 'B\\u00e4r'].map((line) => lineFilter('^B[ä]r$')(latin1(line)))).toEqual([true, false, false]);
  });

  test('without an expression every line is wanted', () => {
    expect(lineFilter(undefined)('')).toBe(true);
  });

  test('a bad expression is the user\'s mistake, with the reason', async () => {
    expect(await failureOf(async () => lineFilter('a(b'))).toMatch(/^USAGE --grep a\(b is no regular expression: Unterminated group\n> Regular expressions are JavaScript's\./);
  });
});
