import type { Block } from '../job/block.ts';
import type { FileRange } from '../job/file-range.ts';
import { RecordScanner } from '../job/record-scanner.ts';
import type { Format } from '../job/stage-spec.ts';

/** Tuples of which it is known how many they are. Where each ends is looked for when somebody asks, as the first tuples' log does. */
export class MeasuredBlock implements Block {
  readonly bytes: Buffer;
  readonly count: number;
  readonly range: FileRange;
  readonly #format: Format;
  #ends: Uint32Array | undefined;

  constructor(bytes: Buffer, count: number, range: FileRange, format: Format) {
    this.bytes = bytes;
    this.count = count;
    this.range = range;
    this.#format = format;
  }

  get ends(): Uint32Array {
    return (this.#ends ??= this.#scan());
  }

  #scan(): Uint32Array {
    const scanner = new RecordScanner(this.#format);
    scanner.scan(this.bytes);
    return scanner.ends;
  }
}
