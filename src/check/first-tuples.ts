/** The beginning of a source. */

/** What people look at is short; a source whose first tuples are longer than this shows fewer of them. */
const MAX_FIRST_BYTES = 4 * 1024 * 1024;

export interface FirstTuples {
  /** Each with its newline. */
  readonly tuples: readonly Buffer[];
  /** There are fewer than were asked for, since they are long, and not because the source has no more. */
  readonly cut: boolean;
}

/** At most `count` tuples and 4 MiB of them, but one at least. Nothing is read of the source behind those. */
export async function firstTuples(source: AsyncIterable<Buffer>, count: number): Promise<FirstTuples> {
  const tuples: Buffer[] = [];
  let bytes = 0;
  for await (const tuple of source) {
    bytes += tuple.length;
    if (tuples.length > 0 && bytes > MAX_FIRST_BYTES) return { tuples, cut: true };
    tuples.push(tuple);
    if (tuples.length === count) break;
  }
  return { tuples, cut: false };
}
