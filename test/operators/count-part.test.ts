import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addCounts, countAtEnd, countPart } from '../../operators/lib/counts.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { chunksOf, cutPoints } from '../job/csv-samples.ts';
import { anyStream } from './every-operator.ts';
import { applyTo, outputOf } from './harness.ts';

test('parts that are counted and added up are what one count gives, however few keys a part may have', () => {
  const key = fc.constantFrom({ kind: 'line' } as const, { kind: 'column', column: 1 } as const, { kind: 'column', column: 2 } as const);
  fc.assert(fc.property(key, fc.array(anyStream, { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 5 }), cutPoints, (wanted, parts, maxKeys, cuts) => {
    const format: Format = 'lines';
    const rows = Buffer.concat(parts.map((bytes) => applyTo(countPart(wanted, maxKeys), format, chunksOf(bytes, cuts))));
    // Each part's last tuple has a newline, as it has where it is fed to an operator.
    const whole = Buffer.concat(parts.flatMap((bytes) => (bytes.length === 0 || bytes.at(-1) === 0x0a ? [bytes] : [bytes, Buffer.from('\n')])));
    expect(applyTo(addCounts(), format, [rows]).toString('latin1')).toBe(applyTo(countAtEnd(wanted), format, [whole]).toString('latin1'));
  }), { numRuns: 500 });
});

test('many keys are handed on when there are 262,144 of them', () => {
  const keys = Array.from({ length: 300_000 }, (_, number) => `${number}\n`);
  const rows = applyTo(countPart({ kind: 'line' }), 'lines', [Buffer.from([...keys, ...keys].join(''))]).toString().split('\n').slice(0, -1);
  expect(rows).toHaveLength(600_000);
  expect(rows.slice(0, 262_144)).toEqual(keys.slice(0, 262_144).map((key) => `${key.trim()},1`).sort((a, b) => (a.split(',')[0] as string) < (b.split(',')[0] as string) ? -1 : 1));
});

test('they are programs as the others are', async () => {
  expect(await outputOf('count-part', ['--format', 'csv', '2'], 'x,"a,b"\ny,c\nz,c\n')).toBe('"a,b",1\nc,2\n');
  expect(await outputOf('add-counts', ['--format', 'csv'], 'c,3\n"a,b",1\nc,2\n')).toBe('"a,b",1\nc,5\n');
});
