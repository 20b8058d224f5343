/** 2^32 over the golden ratio: multiples of it lie far apart. */
const WEYL_STEP = 0x9e3779b9;

/**
 * Pseudo-random numbers that are the same for the same seed, on every machine and in every version.
 * Method: xoshiro128** by David Blackman and Sebastiano Vigna (https://prng.di.unimi.it/xoshiro128starstar.c), its state
 * filled from the seed by a Weyl sequence through MurmurHash3's finalizer, as SplitMix does. Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** `seed`: any safe integer. */
  constructor(seed: number) {
    const start = mix(mix(seed | 0) + Math.floor(seed / 0x1_0000_0000));
    this.#a = mix(start + WEYL_STEP);
    this.#b = mix(start + 2 * WEYL_STEP);
    this.#c = mix(start + 3 * WEYL_STEP);
    this.#d = mix(start + 4 * WEYL_STEP);
    // The state of all zeros is the one that never leaves itself.
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
  }

  /** An integer from 0 to 2^32 - 1. */
  next(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return result;
  }

  /** An integer from 0 to `limit - 1`; `limit` is at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.next() * limit) / 0x1_0000_0000);
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
