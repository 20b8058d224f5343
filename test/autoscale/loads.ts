import type { Random } from '../../src/base/random.ts';
import { between, fraction } from './pipeline.ts';

export const LOAD_KINDS = ['constant', 'steps', 'ramps', 'spikes', 'sine', 'noise', 'skew'] as const;
export type LoadKind = (typeof LOAD_KINDS)[number];

export interface Load {
  /** Tuples in each second. */
  readonly tuples: readonly number[];
  /** Seconds at which a new constant level begins; the first is 0. */
  readonly steps: readonly number[];
}

/** Ten minutes: a minute to settle, and five in which nothing may move, more than once. */
const SECONDS = 600;

/** A step is followed by as many seconds without one. */
const STEP_SECONDS = 120;

/** `low` and `high`: tuples/s between which the load lies. */
export function makeLoad(kind: LoadKind, low: number, high: number, random: Random): Load {
  const rate = () => low * (high / low) ** fraction(random);
  const seconds = Array.from({ length: SECONDS }, (_, second) => second);
  const noise = (share: number) => 1 + share * (2 * fraction(random) - 1);
  switch (kind) {
    case 'constant':
    case 'skew':
    case 'noise': {
      const [level, share] = [rate(), kind === 'noise' ? 0.2 : 0.02];
      return { tuples: seconds.map(() => level * noise(share)), steps: [0] };
    }
    case 'steps': {
      const steps = seconds.filter((second) => second % STEP_SECONDS === 0);
      const levels = steps.map(rate);
      return { tuples: seconds.map((second) => (levels[Math.floor(second / STEP_SECONDS)] ?? 0) * noise(0.05)), steps };
    }
    case 'ramps': {
      const corners = Array.from({ length: 4 }, rate);
      const length = SECONDS / (corners.length - 1);
      const height = (second: number) => mixed(corners[Math.floor(second / length)] ?? 0, corners[Math.floor(second / length) + 1] ?? 0, (second % length) / length);
      return { tuples: seconds.map((second) => height(second) * noise(0.05)), steps: [] };
    }
    case 'spikes': {
      const [level, every, width] = [rate(), Math.round(between(random, 60, 150)), Math.round(between(random, 1, 12))];
      const factor = between(random, 2, 8);
      return { tuples: seconds.map((second) => level * (second % every >= every - width ? factor : 1) * noise(0.05)), steps: [] };
    }
    case 'sine': {
      const [level, period, height] = [(low + high) / 2, between(random, 60, 400), between(random, 0.2, 0.8)];
      return { tuples: seconds.map((second) => level * (1 + height * Math.sin((2 * Math.PI * second) / period)) * noise(0.05)), steps: [] };
    }
  }
}

function mixed(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
