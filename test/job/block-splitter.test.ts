import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Block } from '../../src/job/block.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { chunksOf, csvText, cutPoints } from './csv-samples.ts';

function splitter(format: Format, maxTupleBytes = 1_000_000): BlockSplitter {
  return new BlockSplitter({ format, maxTupleBytes, where: 'in.csv' });
}

function split(split: BlockSplitter, chunks: readonly Buffer[]): Block[] {
  return [...chunks.map((chunk) => split.push(chunk)), split.end()].filter((block) => block !== undefined);
}

/** Every tuple with its newline; checks what a block promises on the way. */
function tuplesOf(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => {
    expect(block.count).toBeGreaterThan(0);
    expect(block.ends[block.count - 1]).toBe(block.bytes.length);
    let start = 0;
    return [...block.ends.subarray(0, block.count)].map((end) => {
      expect(block.bytes[end - 1]).toBe(10);
      const tuple = block.bytes.toString('latin1', start, end);
      start = end;
      return tuple;
    });
  });
}

function errorOf(run: () => unknown): RainstormError {
  try {
    run();
  } catch (error) {
    if (error instanceof RainstormError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('blocks of whole tuples', () => {
  test('are a view of the chunk when it begins with a tuple', () => {
    const chunk = Buffer.from('a\nb\nc');
    const block = splitter('lines').push(chunk);
    expect(block?.bytes.buffer).toBe(chunk.buffer);
    expect(block?.bytes.toString()).toBe('a\nb\n');
  });

  test('hold the start of a tuple back until its end comes', () => {
    const lines = splitter('lines');
    expect(lines.push(Buffer.from('ab'))).toBeUndefined();
    expect(lines.push(Buffer.from('cd'))).toBeUndefined();
    expect(lines.push(Buffer.from('e\nf'))?.bytes.toString()).toBe('abcde\n');
    expect(lines.end()?.bytes.toString()).toBe('f\n');
  });

  test('an empty stream has none', () => {
    expect(split(splitter('csv'), [])).toEqual([]);
    expect(split(splitter('csv'), [Buffer.alloc(0)])).toEqual([]);
  });

  test('NUL, CR and invalid UTF-8 pass unchanged', () => {
    const bytes = Buffer.from([0, 13, 10, 0xff, 0xc3, 10, 0x80]);
    expect(tuplesOf(split(splitter('lines'), [bytes]))).toEqual(['\0\r\n', '\xff\xc3\n', '\x80\n']);
  });

  test('wherever the chunks are cut, the tuples are the same and hold every byte', () => {
    fc.assert(
      fc.property(csvText, cutPoints, fc.constantFrom<Format>('csv', 'lines'), (text, cuts, format) => {
        const bytes = Buffer.from(text);
        const run = (chunks: readonly Buffer[]) => {
          try {
            return tuplesOf(split(splitter(format), chunks));
          } catch (error) {
            return error instanceof RainstormError ? error.message : error;
          }
        };
        const whole = run([bytes]);
        expect(run(chunksOf(bytes, cuts))).toEqual(whole);
        if (!Array.isArray(whole)) return;
        const complete = text === '' || text.endsWith('\n') ? '' : '\n';
        expect(Buffer.from(whole.join(''), 'latin1').toString()).toBe(text + complete);
      }),
      { numRuns: 1_000 },
    );
  });

  test('blocks handed out are not written to again', () => {
    const lines = splitter('lines');
    const long = 'x'.repeat(5_000);
    const first = ['a', long, 'b\nc'].map((part) => lines.push(Buffer.from(part))).at(-1);
    const second = [long, long, 'd\ne'].map((part) => lines.push(Buffer.from(part))).at(-1);
    expect(first?.bytes.toString()).toBe(`a${long}b\n`);
    expect(second?.bytes.toString()).toBe(`c${long}${long}d\n`);
    expect(lines.end()?.bytes.toString()).toBe('e\n');
  });

  test('a tuple of 64 MiB in chunks of 4 KiB', () => {
    const lines = splitter('lines', 64 * 1024 * 1024);
    const chunk = Buffer.alloc(4096, 'x');
    for (let i = 0; i < 16 * 1024; i++) expect(lines.push(chunk)).toBeUndefined();
    const block = lines.push(Buffer.from('\nnext'));
    expect(block?.bytes.length).toBe(64 * 1024 * 1024 + 1);
    expect(block?.bytes.indexOf('\n')).toBe(64 * 1024 * 1024);
    expect(lines.end()?.bytes.toString()).toBe('next\n');
  });
});

describe('too long a tuple', () => {
  test('is an error that names the place, the line, the limit and the flag', () => {
    const error = errorOf(() => splitter('lines', 10).push(Buffer.from('short\n\nlonger than ten\n')));
    expect(error.code).toBe('TUPLE_TOO_LONG');
    expect(error.message).toBe('in.csv: the tuple that begins on line 3 is longer than 10 bytes');
    expect(error.hint).toContain('--max-tuple');
  });

  test('in CSV it names the quote that swallowed the rest', () => {
    const error = errorOf(() => splitter('csv', 10).push(Buffer.from('a\nb,"c\nd\ne\nf\ng\nh\n')));
    expect(error.message).toContain('line 2');
    expect(error.hint).toContain('the quote opened on line 2');
  });

  test('the limit does not count the newline', () => {
    expect(tuplesOf(split(splitter('lines', 3), [Buffer.from('abc\nab'), Buffer.from('c')]))).toEqual(['abc\n', 'abc\n']);
  });

  test('is found with the same message wherever the chunks are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 10 }), cutPoints, (lengths, cuts) => {
        const bytes = Buffer.from(lengths.map((length) => `${'x'.repeat(length)}\n`).join(''));
        const tooLong = lengths.findIndex((length) => length > 8);
        const run = () => split(splitter('lines', 8), chunksOf(bytes, cuts));
        if (tooLong === -1) expect(tuplesOf(run())).toHaveLength(lengths.length);
        else expect(errorOf(run).message).toContain(`line ${tooLong + 1} `);
      }),
    );
  });
});

test('a quote open at the end of CSV is an error that names the line it opened on', () => {
  const csv = splitter('csv');
  csv.push(Buffer.from('a,"b\nc"\nd,"e'));
  csv.push(Buffer.from('\nf\n'));
  const error = errorOf(() => csv.end());
  expect(error.code).toBe('UNCLOSED_QUOTE');
  expect(error.message).toBe('in.csv: the quote opened on line 3 is never closed');
  expect(error.hint).toContain('--format lines');
});
