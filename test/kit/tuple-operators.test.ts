import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import { fieldsOf } from '../../src/job/csv-field.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { decodeText } from '../../src/kit/escaped-text.ts';
import { Output } from '../../src/kit/output.ts';
import { eachLine, eachRecord, eachTuple } from '../../src/kit/tuple-operators.ts';
import { anyStream } from '../operators/every-operator.ts';

const output = new Output();

function blockOf(bytes: Buffer, format: Format) {
  const closed = Buffer.concat([bytes, Buffer.from(bytes.at(-1) === 0x0a ? '' : '\n')]);
  return new BlockSplitter({ format, maxTupleBytes: 1_000, where: 'test' }).push(closed);
}

test('lines and tuples are handed over without their newlines', () => {
  fc.assert(
    fc.property(anyStream, (bytes) => {
      const block = blockOf(bytes, 'lines');
      const expected = bytes.toString('latin1').replace(/\n$/, '').split('\n');
      const tuples: string[] = [];
      const lines: string[] = [];
      if (block !== undefined) {
        eachTuple((tuple) => tuples.push(tuple.toString('latin1')))(block, output);
        eachLine((line) => lines.push(line))(block, output);
      }
      expect(tuples).toEqual(expected);
      expect(lines).toEqual(expected.map((line) => decodeText(Buffer.from(line, 'latin1'))));
    }),
  );
});

test('fields are what the rest of the system takes them for', () => {
  fc.assert(
    fc.property(anyStream, (bytes) => {
      const block = blockOf(bytes, 'csv');
      fc.pre(block !== undefined);
      const records: string[][] = [];
      eachRecord((fields) => records.push(fields))(block, output);
      const ends = [...block.ends.subarray(0, block.count)];
      expect(records).toEqual(ends.map((end, i) => fieldsOf(block.bytes, ends[i - 1] ?? 0, end).map((field) => decodeText(field))));
    }),
    { numRuns: 500 },
  );
});

test('fields that are put out are read back the same', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', '\udcff') }), { minLength: 1, maxLength: 5 }), (values) => {
      const output = new Output();
      output.fields(values);
      const bytes = output.take();
      expect(fieldsOf(bytes, 0, bytes.length).map((field) => decodeText(field))).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

test('an async function is refused at its first tuple', () => {
  const block = blockOf(Buffer.from('a\n'), 'lines');
  expect(() => block !== undefined && eachLine(async () => await Promise.resolve())(block, output)).toThrow('must not be async');
});
