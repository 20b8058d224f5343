/** The first `length` bytes of a buffer in one that has room for so many more, and doubles so that this is rare. */
export function enlarged(buffer: Buffer, length: number, bytes: number, leastBytes: number): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafeSlow(Math.max(length + bytes, length * 2, leastBytes));
  buffer.copy(larger, 0, 0, length);
  return larger;
}
