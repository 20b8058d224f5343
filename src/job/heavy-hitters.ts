export interface HeavyHitter {
  readonly key: string;
  /** Of all that was counted, 0 to 1: the least that the key can have. */
  readonly share: number;
}

interface Counter {
  count: number;
  /** What the counter had from keys before this one: the most by which `count` is too high. */
  error: number;
}

/**
 * The most frequent of very many keys, in little memory: the Space-Saving sketch (Metwally, Agrawal, El Abbadi, "Efficient
 * Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005). A key that is more than 1/capacity of all is in it.
 */
export class HeavyHitters {
  readonly #capacity: number;
  readonly #halveAt: number;
  readonly #counters = new Map<string, Counter>();
  #total = 0;

  /** `capacity`: keys that are counted. `halveAt`: when so much is counted all counts are halved, so that what is long ago fades. */
  constructor(capacity: number, halveAt: number) {
    this.#capacity = capacity;
    this.#halveAt = halveAt;
  }

  add(key: string, weight: number): void {
    this.#total += weight;
    const counter = this.#counters.get(key);
    if (counter !== undefined) counter.count += weight;
    else if (this.#counters.size < this.#capacity) this.#counters.set(key, { count: weight, error: 0 });
    else this.#replaceLeast(key, weight);
    if (this.#total >= this.#halveAt) this.#halve();
  }

  /** At most `limit`, the most frequent first, those that have `minShare` at least. */
  top(limit: number, minShare: number): HeavyHitter[] {
    return [...this.#counters]
      .map(([key, { count, error }]) => ({ key, share: (count - error) / this.#total }))
      .filter(({ share }) => share >= minShare)
      .toSorted((a, b) => b.share - a.share)
      .slice(0, limit);
  }

  #replaceLeast(key: string, weight: number): void {
    let least: string | undefined;
    let leastCount = Infinity;
    for (const [other, { count }] of this.#counters) {
      if (count >= leastCount) continue;
      least = other;
      leastCount = count;
    }
    if (least !== undefined) this.#counters.delete(least);
    this.#counters.set(key, { count: leastCount + weight, error: leastCount });
  }

  #halve(): void {
    this.#total /= 2;
    for (const counter of this.#counters.values()) {
      counter.count /= 2;
      counter.error /= 2;
    }
  }
}
