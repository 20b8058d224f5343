import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countAtEnd, countRunning } from '../../operators/lib/counts.ts';
import { HeaderOperator } from '../../operators/lib/header-operator.ts';
import { Header } from '../../operators/lib/header.ts';
import { keepColumns } from '../../operators/lib/keep-columns.ts';
import { readKey } from '../../operators/lib/keys.ts';
import { sumByKey } from '../../operators/lib/sums.ts';
import { readOperator } from '../../src/job/operator-catalog.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { TupleStream } from '../../src/kit/tuple-stream.ts';
import { OPERATORS, anyStream } from './every-operator.ts';

/** Where an operator stops and another one goes on with its state, as fractions of the input. */
const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });

interface Result {
  readonly printed: string;
  readonly error: string | undefined;
}

/** What comes of the input when a new operator goes on from a state at each place. */
function run(make: () => BlockOperator, format: Format, bytes: Buffer, places: readonly number[]): Result {
  const cuts = places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b);
  let printed = '';
  let stream = new TupleStream(format, make());
  let start = 0;
  try {
    for (const cut of cuts) {
      printed += stream.push(bytes.subarray(start, cut)).toString('latin1');
      start = cut;
      const state = stream.state();
      stream = new TupleStream(format, make());
      stream.restore(state);
      expect(stream.state()).toEqual(state);
    }
    printed += stream.push(bytes.subarray(start)).toString('latin1');
    for (const piece of stream.end()) printed += piece.toString('latin1');
    return { printed, error: undefined };
  } catch (error) {
    return { printed, error: String(error) };
  }
}

function undisturbedEqualsRestored(make: () => BlockOperator, stream: fc.Arbitrary<Buffer>): void {
  fc.assert(
    fc.property(stream, places, fc.constantFrom<Format>('csv', 'lines'), (bytes, places, format) => {
      const whole = run(make, format, bytes, []);
      const inParts = run(make, format, bytes, places);
      expect(inParts.error).toBe(whole.error);
      // How much was printed before an error depends on the chunks.
      if (whole.error === undefined) expect(inParts.printed).toBe(whole.printed);
    }),
    { numRuns: 300 },
  );
}

describe('wherever its state is taken, an operator that goes on from it prints the rest, byte for byte', () => {
  test.each([...OPERATORS])('%s', (_, make) => undisturbedEqualsRestored(make, anyStream));

  test('sum, and what it says of a bad value, line included', () => {
    const value = fc.constantFrom('1', '2.50', '-0.1', '-0', '-0e1', '1e3', ' 7 ', '999999999999999', '123456789012345678901234567890', '1e-30', 'x');
    const row = fc.tuple(fc.constantFrom('a', '"b"', 'b', '"x\ny"', '\xff'), value).map((fields) => `${fields.join(',')}\n`);
    undisturbedEqualsRestored(() => sumByKey(1, 2), fc.array(row, { maxLength: 25 }).map((rows) => Buffer.from(rows.join(''), 'latin1')));
  });

  test.each([
    ['aggregate', 'b', (argument?: string) => countAtEnd(readKey(argument))],
    ['running-aggregate', 'b', (argument?: string) => countRunning(readKey(argument))],
    ['transform', 'b,a', () => keepColumns([2, 1])],
    ['sum', 'a/b', () => sumByKey(1, 2)],
  ])('%s with a header', (name, argument, create) => {
    const rows = fc.array(fc.constantFrom('x,1\n', 'y,2\n', '"x",3\r\n', 'z\n'), { maxLength: 12 });
    const make = () => new HeaderOperator(new Header(readOperator(name, argument)), 'csv', (numbered) => create(numbered));
    undisturbedEqualsRestored(make, rows.map((rows) => Buffer.from(`a,"b"\n${rows.join('')}`)));
  });
});

test('keys keep the order in which they came, in the state too', () => {
  const stream = new TupleStream('lines', countRunning({ kind: 'line' }));
  stream.push(Buffer.from('b\n10\n2\na\nb\n'));
  const state = stream.state().toString('latin1');
  const keys = ['b', '10', '2', 'a'].map((key) => state.indexOf(`\0\0\0${key}`));
  expect(keys).toEqual(keys.toSorted((a, b) => a - b));
  expect(keys).not.toContain(-1);
});
