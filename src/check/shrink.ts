/** Makes an input smaller as long as it shows the same, for an example that can be taken in at a glance. */

/** Runs of the program are what it costs. */
const MAX_TRIES = 80;
const SHRINK_LIMIT_MS = 8_000;

/**
 * Leaves parts of `items` away, halves first and single ones last, as long as `shows` holds for what is left. Gives the
 * smallest list found; `items` itself was seen to hold already.
 */
export async function shrink<Item>(items: readonly Item[], shows: (items: readonly Item[]) => Promise<boolean>): Promise<readonly Item[]> {
  const giveUpAt = performance.now() + SHRINK_LIMIT_MS;
  let tries = 0;
  let kept = items;
  let size = Math.ceil(kept.length / 2);
  while (size >= 1 && kept.length > 1) {
    let smaller = false;
    for (let from = 0; from < kept.length && kept.length > 1;) {
      if (tries === MAX_TRIES || performance.now() > giveUpAt) return kept;
      tries += 1;
      const candidate = [...kept.slice(0, from), ...kept.slice(from + size)];
      if (candidate.length > 0 && (await shows(candidate))) {
        kept = candidate;
        smaller = true;
      } else {
        from += size;
      }
    }
    if (size === 1 && !smaller) break;
    size = size === 1 ? 1 : Math.ceil(size / 2);
  }
  return kept;
}
