import { parse } from 'csv-parse/sync';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RecordScanner } from '../../src/job/record-scanner.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { chunksOf, csvText, cutPoints } from './csv-samples.ts';

interface Scan {
  ends: number[];
  line: number;
  openQuoteLine: number | undefined;
}

function scanChunks(format: Format, chunks: readonly Buffer[]): Scan {
  const scanner = new RecordScanner(format);
  const ends: number[] = [];
  let offset = 0;
  for (const chunk of chunks) {
    const count = scanner.scan(chunk);
    expect(scanner.ends.length).toBe(count);
    for (const end of scanner.ends) ends.push(offset + end);
    offset += chunk.length;
  }
  return { ends, line: scanner.line, openQuoteLine: scanner.openQuoteLine };
}

const scan = (format: Format, text: string) => scanChunks(format, [Buffer.from(text)]);

/** The rules said the slow way, one byte after the other. */
function scanByteByByte(bytes: Buffer): Scan {
  const ends: number[] = [];
  let state: 'field start' | 'field' | 'quoted' | 'quote in quoted' = 'field start';
  let line = 1;
  let quoteLine = 1;
  for (const [i, byte] of bytes.entries()) {
    const char = String.fromCharCode(byte);
    if (state === 'quoted') {
      if (char === '"') state = 'quote in quoted';
    } else if (state === 'quote in quoted' && char === '"') state = 'quoted';
    else if (state === 'field start' && char === '"') {
      state = 'quoted';
      quoteLine = line;
    } else {
      state = char === ',' || char === '\n' ? 'field start' : 'field';
      if (char === '\n') ends.push(i + 1);
    }
    if (char === '\n') line++;
  }
  return { ends, line, openQuoteLine: state === 'quoted' ? quoteLine : undefined };
}

describe('lines', () => {
  test('every newline ends a tuple, quotes or not', () => {
    expect(scan('lines', 'a\n"b\n\nc"\nd').ends).toEqual([2, 5, 6, 9]);
  });

  test('a quote is never open', () => {
    expect(scan('lines', 'a\n"b')).toEqual({ ends: [2], line: 2, openQuoteLine: undefined });
  });
});

describe('csv', () => {
  test('a newline inside quotes does not end the tuple', () => {
    expect(scan('csv', 'a,"b\nc"\nd\n').ends).toEqual([8, 10]);
  });

  test('a doubled quote inside quotes is content', () => {
    expect(scan('csv', '"a""\n""b"\nc\n').ends).toEqual([10, 12]);
  });

  test('a quote that is not a field\'s first byte is content', () => {
    expect(scan('csv', '5" pipe\nb\n').ends).toEqual([8, 10]);
  });

  test('behind the closing quote everything up to the comma is content', () => {
    expect(scan('csv', '"a"b"\nc"\n').ends).toEqual([6, 9]);
  });

  test('an empty quoted field is closed', () => {
    expect(scan('csv', '"",""\n""\n').ends).toEqual([6, 9]);
  });

  test('the line of an open quote counts the newlines inside earlier quotes', () => {
    expect(scan('csv', 'a\n"b\nc"\nd,"e\n\n')).toEqual({ ends: [2, 8], line: 6, openQuoteLine: 4 });
  });

  test('a quote as the last byte closes', () => {
    expect(scan('csv', '"a"').openQuoteLine).toBeUndefined();
  });

  test('equals the rules applied byte by byte, wherever the chunks are cut', () => {
    fc.assert(
      fc.property(csvText, cutPoints, (text, cuts) => {
        const bytes = Buffer.from(text);
        const expected = scanByteByByte(bytes);
        expect(scanChunks('csv', [bytes])).toEqual(expected);
        expect(scanChunks('csv', chunksOf(bytes, cuts))).toEqual(expected);
        expect(scanChunks('csv', chunksOf(bytes, [1]))).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  test('well-formed records end where csv-parse ends them', () => {
    const field = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', ' ', 'é'), minLength: 1, maxLength: 5 }),
      fc.string({ unit: fc.constantFrom('a', ',', '""', '\n', '\r\n'), maxLength: 6 }).map((text) => `"${text}"`),
    );
    const record = fc.array(field, { minLength: 1, maxLength: 4 }).map((fields) => fields.join(','));
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 6 }), (records) => {
        const text = `${records.join('\n')}\n`;
        const parsed = parse(text, { relax_column_count: true, record_delimiter: '\n' });
        const ends = scan('csv', text).ends;
        expect(ends).toHaveLength(parsed.length);
        expect(ends.at(-1)).toBe(Buffer.byteLength(text));
      }),
    );
  });
});

test('a chunk with more tuples than the list of ends began with', () => {
  const ends = scan('lines', '\n'.repeat(100_000)).ends;
  expect(ends).toHaveLength(100_000);
  expect(ends.at(-1)).toBe(100_000);
});
