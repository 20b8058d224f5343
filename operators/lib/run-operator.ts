import { expectLargeBuffers } from '../../src/base/large-buffers.ts';
import { RainstormError } from '../../src/base/errors.ts';
import { readAnyOperator } from '../../src/job/operator-catalog.ts';
import type { ByteOperator } from '../../src/kit/byte-operator.ts';
import { runProgram } from '../../src/kit/run-program.ts';
import { StreamChain } from '../../src/kit/stream-chain.ts';
import { TupleStream } from '../../src/kit/tuple-stream.ts';
import { type CommandLine, readCommandLine, usageOf } from './command-line.ts';
import { createOperator, isOperatorName, type OperatorName } from './create.ts';
import { HeaderOperator } from './header-operator.ts';
import { Header } from './header.ts';

/** The main program of an operator of ours. */
export async function runOperator(name: OperatorName): Promise<void> {
  expectLargeBuffers();
  await runProgram(name, () => {
    const line = readCommandLine(process.argv.slice(2));
    return line.help ? usageOf(name) : streamOf(name, line);
  });
}

/**
 * The main program of several operators of ours in one process, each of which takes what the one before puts out. Each
 * argument is one of them: an array in JSON of its name and its arguments.
 */
export async function runFused(): Promise<void> {
  expectLargeBuffers();
  const words = process.argv.slice(2);
  await runProgram(shownName(words), () => {
    const uses = words.map(readUse);
    if (uses.length === 0) throw new RainstormError('USAGE', 'no operators are given', { hint: `Each is an argument, as in '["filter", "--format", "csv", "Stop"]'.` });
    return new StreamChain(uses.map(([name, ...args]) => streamOf(name, readCommandLine(args))));
  });
}

function streamOf(name: OperatorName, { format, header: hasHeader, argument }: CommandLine): ByteOperator {
  const header = new Header(readAnyOperator(name, argument));
  const create = (numbered: string | undefined) => createOperator(name, numbered, format);
  // A wrong argument is reported at once where no header is needed to read it.
  return new TupleStream(format, hasHeader ? new HeaderOperator(header, format, create) : create(header.argument()));
}

/** For messages: the names as far as they can be read, which `readUse` checks. */
function shownName(words: readonly string[]): string {
  return words.map((word) => /^\["([\w-]+)"/.exec(word)?.[1] ?? '?').join(' | ') || 'fused';
}

/** Throws USAGE. */
function readUse(text: string): [OperatorName, ...string[]] {
  const words = parse(text);
  if (!Array.isArray(words) || !words.every((word) => typeof word === 'string')) throw new RainstormError('USAGE', `${text} is no array of words in JSON`);
  const [name = '', ...args] = words;
  if (!isOperatorName(name)) throw new RainstormError('USAGE', `there is no operator "${name}"`);
  return [name, ...args];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RainstormError('USAGE', `${text} is no array of words in JSON`, { cause });
  }
}
