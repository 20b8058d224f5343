import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import type { ByteOperator } from '../../src/kit/byte-operator.ts';
import { StreamChain } from '../../src/kit/stream-chain.ts';
import { TupleStream } from '../../src/kit/tuple-stream.ts';
import { chunksOf, cutPoints } from '../job/csv-samples.ts';
import { OPERATORS, anyStream } from '../operators/every-operator.ts';

const NAMES = [...OPERATORS.keys()];

const anyOperators = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 });

function streamsOf(names: readonly string[]): TupleStream[] {
  return names.map((name) => new TupleStream('lines', (OPERATORS.get(name) as () => BlockOperator)()));
}

function outputOf(stream: ByteOperator, chunks: readonly Buffer[]): Buffer {
  const pushed = chunks.map((chunk) => stream.push(chunk));
  return Buffer.concat([...pushed, ...stream.end()]);
}

test('a chain gives what its operators give one after the other', () => {
  fc.assert(
    fc.property(anyOperators, anyStream, cutPoints, (names, bytes, cuts) => {
      const expected = streamsOf(names).reduce<Buffer>((input, stream) => outputOf(stream, [input]), bytes);
      expect(outputOf(new StreamChain(streamsOf(names)), chunksOf(bytes, cuts)).toString('latin1')).toBe(expected.toString('latin1'));
    }),
    { numRuns: 500 },
  );
});

test('a chain goes on where another one gave its state', () => {
  fc.assert(
    fc.property(anyOperators, anyStream, fc.nat(), (names, bytes, at) => {
      const cut = at % (bytes.length + 1);
      const first = new StreamChain(streamsOf(names));
      const before = first.push(bytes.subarray(0, cut));
      const second = new StreamChain(streamsOf(names));
      second.restore(first.state());
      const whole = outputOf(new StreamChain(streamsOf(names)), [bytes]);
      expect(Buffer.concat([before, outputOf(second, [bytes.subarray(cut)])]).toString('latin1')).toBe(whole.toString('latin1'));
    }),
    { numRuns: 500 },
  );
});

test('a state that ends too early is refused', () => {
  const state = new StreamChain(streamsOf(['filter', 'aggregate'])).state();
  expect(() => new StreamChain(streamsOf(['filter', 'aggregate', 'aggregate'])).restore(state)).toThrow('the state to begin with ends in the middle');
});
