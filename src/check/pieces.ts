/** Ways to cut a sample: its bytes into writes, its tuples into runs. */
import { Random } from '../base/random.ts';

const SEED = 11;

/** About this many writes cut a sample within its tuples, whatever its size. */
const CUTS = 40;

/** Bytes cut anywhere, most often within tuples: what an operator may get to see of a busy pipe. */
export function cutAnywhere(tuples: readonly Buffer[]): Buffer[] {
  const bytes = Buffer.concat(tuples);
  const random = new Random(SEED);
  const longest = Math.max(2, Math.ceil((2 * bytes.length) / CUTS));
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(longest);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** The first sample is the longest; the others only have other shapes. */
export const SAMPLES_CUT_OFTEN = 1;

/** So many tuples are tried alone. */
const SINGLES = 4;

/** Cut this way a sample shows nearly all that it can show. */
export function fewTupleCuts(tuples: readonly Buffer[]): number[][] {
  const count = tuples.length;
  return asCuts([[1, Math.floor(count / 3), Math.floor((2 * count) / 3)]], count);
}

/** For inputs that have shown something and are being made smaller. */
export function exampleCuts(tuples: readonly Buffer[]): number[][] {
  return asCuts([[Math.floor(tuples.length / 2)], [1]], tuples.length).concat(fewTupleCuts(tuples));
}

/** Places, as numbers of tuples before them, at which a run of tuples is cut; each list makes one try. */
export function tupleCuts(tuples: readonly Buffer[]): number[][] {
  const count = tuples.length;
  const random = new Random(SEED);
  const anywhere = () => 1 + random.below(Math.max(1, count - 1));
  const singles = Array.from({ length: Math.min(SINGLES, count - 1) }, (_, index) => index + 1);
  return asCuts([
    [Math.floor(count / 2)],
    [Math.floor(count / 3), Math.floor((2 * count) / 3)],
    singles,
    [count - 1],
    [betweenEqual(tuples)],
    [anywhere()],
    [anywhere(), anywhere(), anywhere()],
  ], count);
}

function asCuts(lists: readonly (readonly number[])[], count: number): number[][] {
  return lists.map((cuts) => [...new Set(cuts)].filter((cut) => cut > 0 && cut < count).toSorted((a, b) => a - b)).filter((cuts) => cuts.length > 0);
}

/** The parts between the cuts; one more than there are cuts. */
export function cutAt<Item>(items: readonly Item[], cuts: readonly number[]): Item[][] {
  return [...cuts, items.length].map((end, index) => items.slice(index === 0 ? 0 : cuts[index - 1], end));
}

/** Behind a tuple that comes twice in a row: what `uniq` and its kin look at. 0 if there is none. */
function betweenEqual(tuples: readonly Buffer[]): number {
  return Math.max(0, tuples.findIndex((tuple, index) => index > 0 && tuple.equals(tuples[index - 1] as Buffer)));
}
