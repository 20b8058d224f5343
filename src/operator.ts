/**
 * `rainstorm/operator`: what it takes to write an operator, a program that reads tuples on standard input and writes tuples
 * on standard output. docs/operators.md shows how.
 */
import { basename } from 'node:path';
import type { Block } from './job/block.ts';
import type { Format } from './job/stage-spec.ts';
import type { BlockOperator } from './kit/block-operator.ts';
import { KeyedState, entriesOf } from './kit/keyed-state.ts';
import type { Field, Output as OutputBuffer } from './kit/output.ts';
import { runProgram } from './kit/run-program.ts';
import { eachLine, eachRecord, eachTuple, requireNoPromise } from './kit/tuple-operators.ts';
import { TupleStream } from './kit/tuple-stream.ts';
import { ANY_VALUE, type ValueCodec } from './kit/value-codec.ts';

export type { Block, Field, Format, ValueCodec };

/** Where tuples are put out. Each must be closed by a newline, which `line` and `fields` add. */
export type Output = Omit<OutputBuffer, 'take' | 'length'>;

/** What is remembered from one tuple to the next; see `OperatorSpec`. */
export type State<Value> = Map<string, Value>;

/** What every operator may have besides the one function that handles its input. */
interface Common<Value> {
  /** Called after the last tuple. A generator may `yield` now and then: what it has put out by then is written. */
  end?(out: Output, state: State<Value>): void | Iterable<unknown>;
  /** How the values of the state are written and read, where they are instances of classes of yours. */
  readonly values?: ValueCodec<Value>;
  /** What else is remembered, as bytes; with `restore`, which is given them again in a new process before any tuple. */
  snapshot?(): Uint8Array;
  restore?(bytes: Buffer): void;
}

/** Exactly one function that handles input. None of them may be async, and all that is remembered is in the state. */
export type OperatorSpec<Value> = Common<Value> &
  (
    | { /** Each line as text, without its newline. */ line(text: string, out: Output, state: State<Value>): void }
    | { /** The values of each CSV record's fields. */ fields(fields: string[], out: Output, state: State<Value>): void }
    | {
        /** How the input is cut into tuples: at each newline (`lines`, the default), or at those outside quotes (`csv`). */
        readonly format?: Format;
        /** Each tuple as bytes without its newline, valid during the call only. */
        tuple(bytes: Buffer, out: Output, state: State<Value>): void;
      }
    | {
        readonly format?: Format;
        /** Many whole tuples at once, newlines included, valid during the call only. `line`: of the input, where they begin. */
        block(block: Block, out: Output, state: State<Value>, line: number): void;
      }
  );

/**
 * Runs the program as this operator, and ends it when standard input has ended: exit status 0, or 1 with a message on stderr
 * when one of its functions throws. Under a task it takes part in checkpoints; by itself it is an ordinary filter.
 * Throws TypeError for a spec without a function, or with several.
 */
export function operator<Value = unknown>(spec: OperatorSpec<Value>): void {
  const stream = new TupleStream(formatOf(spec), blockOperator(spec));
  void runProgram(basename(process.argv[1] ?? 'operator'), () => stream);
}

function formatOf<Value>(spec: OperatorSpec<Value>): Format {
  if ('fields' in spec) return 'csv';
  return ('format' in spec ? spec.format : undefined) ?? 'lines';
}

function blockOperator<Value>(spec: OperatorSpec<Value>): BlockOperator {
  const given = ['line', 'fields', 'tuple', 'block'].filter((name) => name in spec);
  if (given.length !== 1) throw new TypeError(`an operator has one of line, fields, tuple and block, not ${given.length === 0 ? 'none' : given.join(' and ')}`);
  if ((spec.snapshot === undefined) !== (spec.restore === undefined)) throw new TypeError('an operator has both snapshot and restore, or neither');
  const state = new KeyedState<Value>();
  return {
    take: takeBlock(spec, state),
    finish: (output) => finish(spec, output, state),
    keyed: entriesOf(state, spec.values ?? (ANY_VALUE as ValueCodec<Value>)),
    shared: {
      write: (writer) => writer.raw(spec.snapshot?.() ?? Buffer.alloc(0)),
      read: (reader) => spec.restore?.(reader.rest()),
    },
  };
}

function takeBlock<Value>(spec: OperatorSpec<Value>, state: State<Value>): BlockOperator['take'] {
  if ('line' in spec) return eachLine((text, output) => spec.line(text, output, state));
  if ('fields' in spec) return eachRecord((fields, output) => spec.fields(fields, output, state));
  if ('tuple' in spec) return eachTuple((tuple, output) => spec.tuple(tuple, output, state));
  return (block, output, line) => requireNoPromise(spec.block(block, output, state, line));
}

function* finish<Value>(spec: OperatorSpec<Value>, output: Output, state: State<Value>): Generator<unknown, void, undefined> {
  const result: unknown = spec.end?.(output, state);
  requireNoPromise(result);
  if (typeof result === 'object' && result !== null && Symbol.iterator in result) yield* result as Iterable<unknown>;
}
