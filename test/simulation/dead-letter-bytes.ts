/** A file of dead letters, which outlives its task. */
export class DeadLetterBytes {
  bytes = Buffer.alloc(0);

  write(bytes: Buffer, offsetBytes: number): void {
    if (offsetBytes > this.bytes.length) throw new Error(`check 17: a dead letter at ${offsetBytes} behind ${this.bytes.length} bytes`);
    this.bytes = Buffer.concat([this.bytes.subarray(0, offsetBytes), bytes, this.bytes.subarray(offsetBytes + bytes.length)]);
  }
}
