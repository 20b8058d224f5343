import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import type { ByteOperator } from './byte-operator.ts';

/** Operators in one process, each of which takes what the one before puts out. Its state is theirs, one behind the other. */
export class StreamChain implements ByteOperator {
  readonly #streams: readonly ByteOperator[];

  constructor(streams: readonly ByteOperator[]) {
    this.#streams = streams;
  }

  get wantsWhole(): boolean {
    return this.#streams[0]?.wantsWhole === true;
  }

  push(chunk: Buffer): Buffer {
    let bytes = chunk;
    for (const stream of this.#streams) {
      if (bytes.length === 0) break;
      bytes = stream.push(bytes);
    }
    return bytes;
  }

  *end(): Generator<Buffer, void, undefined> {
    yield* this.#endFrom(this.#streams.length - 1);
  }

  state(): Buffer {
    const writer = new ByteWriter();
    for (const stream of this.#streams) writer.bytes(stream.state());
    return writer.finish();
  }

  restore(state: Buffer): void {
    const reader = new ByteReader(state);
    for (const stream of this.#streams) stream.restore(reader.bytes());
  }

  /** The rest of what the stream of this index puts out: it ends when those before it have. */
  *#endFrom(index: number): Generator<Buffer, void, undefined> {
    const stream = this.#streams[index];
    if (stream === undefined) return;
    for (const bytes of this.#endFrom(index - 1)) if (bytes.length > 0) yield stream.push(bytes);
    yield* stream.end();
  }
}
