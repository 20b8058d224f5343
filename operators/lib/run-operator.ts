import { expectLargeBuffers } from '../../src/base/large-buffers.ts';
import { readOperator } from '../../src/job/operator-catalog.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { runProgram } from '../../src/kit/run-program.ts';
import { TupleStream } from '../../src/kit/tuple-stream.ts';
import { readCommandLine, usageOf } from './command-line.ts';
import { HeaderOperator } from './header-operator.ts';
import { Header } from './header.ts';

/** Makes the operator from its argument, in which columns are numbers by then. */
export type CreateOperator = (argument: string | undefined, format: Format) => BlockOperator;

/** The main program of an operator of ours: reads its command line, and runs what `create` makes of it. */
export async function runOperator(name: string, create: CreateOperator): Promise<void> {
  expectLargeBuffers();
  await runProgram(name, () => {
    const { format, header: hasHeader, argument, help } = readCommandLine(process.argv.slice(2));
    if (help) return usageOf(name);
    const header = new Header(readOperator(name, argument));
    const createWith = (numbered: string | undefined) => create(numbered, format);
    // A wrong argument is reported at once where no header is needed to read it.
    return new TupleStream(format, hasHeader ? new HeaderOperator(header, format, createWith) : createWith(header.argument()));
  });
}
