/** Fewer than workers may be lost in a row. */
const MOST_DEATHS = 4;

/** A file of dead letters, which outlives its task. */
export class DeadLetterBytes {
  bytes = Buffer.alloc(0);
  /** So many workers may still die as they write to it: all of it is written again by who comes next. */
  deathsLeft = MOST_DEATHS;

  write(bytes: Buffer, offsetBytes: number): void {
    if (offsetBytes > this.bytes.length) throw new Error(`check 17: a dead letter at ${offsetBytes} behind ${this.bytes.length} bytes`);
    this.bytes = Buffer.concat([this.bytes.subarray(0, offsetBytes), bytes, this.bytes.subarray(offsetBytes + bytes.length)]);
  }
}
