import { invariant } from '../../src/base/errors.ts';
import type { Block } from '../../src/job/block.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import type { ByteReader } from '../../src/kit/byte-reader.ts';
import type { ByteWriter } from '../../src/kit/byte-writer.ts';
import type { Output } from '../../src/kit/output.ts';
import { type Header, withoutHeader } from './header.ts';

const NEWLINE = 0x0a;

/** Makes the operator from its argument, in which columns are numbers by then. */
type CreateOperator = (argument: string | undefined) => BlockOperator;

/** Reads the first record as a header, and only then knows what the argument means and makes the operator for all that follow. */
export class HeaderOperator implements BlockOperator {
  readonly #header: Header;
  readonly #format: Format;
  readonly #create: CreateOperator;
  #row = Buffer.alloc(0);
  #operator: BlockOperator | undefined;

  constructor(header: Header, format: Format, create: CreateOperator) {
    this.#header = header;
    this.#format = format;
    this.#create = create;
  }

  readonly shared = {
    write: (writer: ByteWriter) => {
      writer.bytes(this.#row);
      this.#operator?.shared?.write(writer);
    },
    read: (reader: ByteReader) => {
      const row = reader.bytes();
      if (row.length === 0) return;
      this.#begin(row).shared?.read(reader);
    },
  };

  readonly keyed = {
    write: (writer: ByteWriter, entry: (key: string, writeValue: () => void) => void) => this.#operator?.keyed?.write(writer, entry),
    read: (key: string, value: ByteReader) => {
      invariant(this.#operator?.keyed !== undefined, 'only an operator with keys writes entries');
      this.#operator.keyed.read(key, value);
    },
  };

  take(block: Block, output: Output, line: number): void {
    if (this.#operator !== undefined) {
      this.#operator.take(block, output, line);
      return;
    }
    const row = block.bytes.subarray(0, block.ends[0]);
    const operator = this.#begin(row);
    this.#header.write(row, output);
    const rest = withoutHeader(block);
    if (rest !== undefined) operator.take(rest, output, line + newlinesIn(row));
  }

  finish(output: Output): Iterable<unknown> {
    return this.#operator?.finish?.(output) ?? [];
  }

  #begin(row: Buffer): BlockOperator {
    this.#header.read(row, this.#format);
    this.#row = Buffer.from(row);
    this.#operator = this.#create(this.#header.argument());
    return this.#operator;
  }
}

function newlinesIn(row: Buffer): number {
  let lines = 0;
  for (let i = row.indexOf(NEWLINE); i !== -1; i = row.indexOf(NEWLINE, i + 1)) lines++;
  return lines;
}
