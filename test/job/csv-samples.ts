import * as fc from 'fast-check';

/** Text made mostly of what CSV gives a meaning to. */
export const csvText = fc.string({ unit: fc.constantFrom('a', 'b', ',', ',', '"', '"', '"', '\n', '\n', '\r', '\0', 'é'), maxLength: 60 });

/** Lengths of chunks, used in turn. */
export const cutPoints = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });

/** Cuts bytes into chunks of these lengths, beginning again when they run out. */
export function chunksOf(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1;
    // A copy each, so that a wrong use of memory beyond a chunk's end shows.
    chunks.push(Buffer.from(bytes.subarray(at, at + length)));
    at += length;
  }
  return chunks;
}
