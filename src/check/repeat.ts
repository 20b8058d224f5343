/** A long input made of a short one, in pieces of a size that pipes take well. */
const PIECE_BYTES = 64 * 1024;

/** Gives about `bytes` bytes in pieces of whole tuples; `tuples` has at least one. */
export function* repeatTuples(tuples: readonly Buffer[], bytes: number): Generator<Buffer, void, undefined> {
  const once = Buffer.concat(tuples);
  const times = Math.max(1, Math.round(PIECE_BYTES / once.length));
  const piece = Buffer.concat(Array.from({ length: times }, () => once));
  for (let given = 0; given < bytes; given += piece.length) yield piece;
}
