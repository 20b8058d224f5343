import { constants } from 'node:buffer';
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { RainstormError, errnoOf, messageOf } from '../../src/base/errors.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Block } from '../../src/job/block.ts';
import { readOperator } from '../../src/job/operator-catalog.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { readCommandLine, usageOf } from './command-line.ts';
import { Header, withoutHeader } from './header.ts';
import { Output } from './output.ts';
import type { TupleOperator } from './tuple-operator.ts';

const NEWLINE = 0x0a;

/** What a shell reports of a program that died because nobody reads its output any more: 128 + SIGPIPE. */
const STATUS_PIPE_CLOSED = 141;

/** A tuple must fit into a string. A job sets its own, lower limit before the tuples come here. */
const MAX_TUPLE_BYTES = constants.MAX_STRING_LENGTH;

/** Makes the operator from its argument, in which columns are numbers by then. */
export type CreateOperator = (argument: string | undefined, format: Format) => TupleOperator;

/**
 * The main program of an operator: reads its command line and standard input, writes standard output and ends the process.
 * Output is written after every chunk of input, so a slow stream is seen at once. Exit status 0; 2 for a wrong command
 * line; 1 for input that it cannot take; 141 when its output is closed.
 */
export async function runOperator(name: string, create: CreateOperator): Promise<void> {
  process.stdout.once('error', (error) => process.exit(report(name, error)));
  try {
    const { format, header, argument, help } = readCommandLine(process.argv.slice(2));
    if (help) {
      await write(Buffer.from(usageOf(name)));
      return;
    }
    const use = readOperator(name, argument);
    refuseFolder();
    const stream = new TupleStream(format, new Header(use, header), (numbered) => create(numbered, format));
    for await (const chunk of process.stdin) await write(stream.push(chunk as Buffer));
    for (const bytes of stream.end()) await write(bytes);
  } catch (error) {
    process.exit(report(name, error));
  }
}

/** The way from input chunks to output bytes. */
class TupleStream {
  readonly #splitter: BlockSplitter;
  readonly #format: Format;
  readonly #header: Header;
  readonly #create: (argument: string | undefined) => TupleOperator;
  readonly #output = new Output();
  #operator: TupleOperator | undefined;
  #line = 1;

  constructor(format: Format, header: Header, create: (argument: string | undefined) => TupleOperator) {
    this.#splitter = new BlockSplitter({ format, maxTupleBytes: MAX_TUPLE_BYTES, where: 'standard input' });
    this.#format = format;
    this.#header = header;
    this.#create = create;
    // A wrong argument is reported at once where no header is needed to read it.
    if (!header.expected) this.#operator = create(header.argument());
  }

  push(chunk: Buffer): Buffer {
    this.#take(this.#splitter.push(chunk));
    return this.#output.take();
  }

  *end(): Generator<Buffer, void, undefined> {
    this.#take(this.#splitter.end());
    yield this.#output.take();
    for (const _ of this.#operator?.finish?.(this.#output) ?? []) yield this.#output.take();
    yield this.#output.take();
  }

  #take(block: Block | undefined): void {
    if (block === undefined) return;
    if (this.#operator !== undefined) {
      this.#operator.take(block, this.#output, this.#line);
      this.#line += this.#linesOf(block);
      return;
    }
    const row = block.bytes.subarray(0, block.ends[0]);
    this.#header.read(row, this.#format);
    this.#operator = this.#create(this.#header.argument());
    this.#header.write(row, this.#output);
    this.#line += this.#linesOf({ bytes: row, count: 1, ends: block.ends });
    this.#take(withoutHeader(block));
  }

  #linesOf(block: Block): number {
    if (this.#format === 'lines') return block.count;
    let lines = 0;
    for (let i = block.bytes.indexOf(NEWLINE); i !== -1; i = block.bytes.indexOf(NEWLINE, i + 1)) lines++;
    return lines;
  }
}

/** Node reads a folder as if it were empty. */
function refuseFolder(): void {
  if (fstatSync(0).isDirectory()) throw new RainstormError('SOURCE_UNREADABLE', 'standard input is a folder');
}

async function write(bytes: Buffer): Promise<void> {
  if (bytes.length > 0 && !process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

/** Tells the user what went wrong; gives the exit status. */
function report(name: string, error: unknown): number {
  if (errnoOf(error) === 'EPIPE') return STATUS_PIPE_CLOSED;
  const hint = error instanceof RainstormError && error.hint !== undefined ? `\n  ${error.hint}` : '';
  const text = error instanceof RainstormError || errnoOf(error) !== undefined ? messageOf(error) : bugReport(error);
  process.stderr.write(`${text.startsWith(`${name} `) ? '' : `${name}: `}${text}${hint}\n`);
  return error instanceof RainstormError ? error.exitStatus : 1;
}

function bugReport(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
