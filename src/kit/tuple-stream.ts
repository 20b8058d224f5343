import { constants } from 'node:buffer';
import { BlockSplitter } from '../job/block-splitter.ts';
import type { Block } from '../job/block.ts';
import type { Format } from '../job/stage-spec.ts';
import type { BlockOperator } from './block-operator.ts';
import type { ByteOperator } from './byte-operator.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { Output } from './output.ts';
import { readState, writeState } from './state-format.ts';

/** A tuple must fit into a string. A job sets its own, lower limit before the tuples come here. */
const MAX_TUPLE_BYTES = constants.MAX_STRING_LENGTH;

/** The way from input chunks to output bytes, for one operator. */
export class TupleStream implements ByteOperator {
  readonly #format: Format;
  readonly #operator: BlockOperator;
  readonly #output = new Output();
  #splitter: BlockSplitter;

  constructor(format: Format, operator: BlockOperator) {
    this.#format = format;
    this.#operator = operator;
    this.#splitter = this.#split(1);
  }

  get wantsWhole(): boolean {
    return this.#operator.takeStart !== undefined;
  }

  push(chunk: Buffer): Buffer {
    const rest = this.#takeStart(chunk);
    const line = this.#splitter.nextLine;
    this.#take(this.#splitter.push(rest), line);
    return this.#output.take();
  }

  /** What the operator takes as it comes; gives the rest. */
  #takeStart(chunk: Buffer): Buffer {
    if (this.#operator.takeStart === undefined || this.#splitter.inTuple) return chunk;
    const { bytes, lines } = this.#operator.takeStart(chunk, this.#format, this.#output);
    if (bytes === 0) return chunk;
    this.#splitter = this.#split(this.#splitter.nextLine + lines);
    return chunk.subarray(bytes);
  }

  *end(): Generator<Buffer, void, undefined> {
    const line = this.#splitter.nextLine;
    this.#take(this.#splitter.end(), line);
    yield this.#output.take();
    for (const _ of this.#operator.finish?.(this.#output) ?? []) yield this.#output.take();
    yield this.#output.take();
  }

  state(): Buffer {
    return writeState((writer) => this.#writeShared(writer), this.#operator.keyed);
  }

  restore(state: Buffer): void {
    readState(state, (reader) => this.#readShared(reader), this.#operator.keyed);
  }

  #writeShared(writer: ByteWriter): void {
    writer.double(this.#splitter.nextLine);
    // What the task takes for a whole tuple may be the start of one here, as a line is of a CSV record.
    writer.bytes(this.#splitter.carried);
    this.#operator.shared?.write(writer);
  }

  #readShared(reader: ByteReader): void {
    this.#splitter = this.#split(reader.double());
    this.#splitter.push(Buffer.from(reader.bytes()));
    this.#operator.shared?.read(reader);
  }

  #split(line: number): BlockSplitter {
    return new BlockSplitter({ format: this.#format, maxTupleBytes: MAX_TUPLE_BYTES, where: 'standard input', line });
  }

  /** `line`: on which the block begins. */
  #take(block: Block | undefined, line: number): void {
    if (block !== undefined) this.#operator.take(block, this.#output, line);
  }
}
