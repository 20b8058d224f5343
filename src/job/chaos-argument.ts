/** What `--chaos` asks for: what is killed, and how often. */
import { RainstormError } from '../base/errors.ts';
import { nearestName } from './suggest.ts';

export const CHAOS_KINDS = ['tasks', 'workers', 'leader'] as const;

export type ChaosKind = (typeof CHAOS_KINDS)[number];

export interface ChaosRate {
  readonly kind: ChaosKind;
  /** Mean time between two kills of this kind, in milliseconds. */
  readonly periodMs: number;
}

/** Below this nothing would live long enough to do anything. */
const MIN_PERIOD_MS = 20;
/** Far beyond any job that somebody watches; timers take no more than 24 days. */
const MAX_PERIOD_MS = 24 * 60 * 60 * 1000;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000 };

const HINT = 'As in tasks:2s,workers:10s; what is killed is tasks, workers or leader, and the time between two kills is given in ms, s or m.';

/** Reads `tasks:2s,workers:10s,leader:0.5m`, each kind once at most. Throws USAGE. */
export function parseChaos(text: string): ChaosRate[] {
  if (text.trim() === '') throw new RainstormError('USAGE', 'it is not said what is to be killed', { hint: HINT });
  const rates = text.split(',').map((part) => parseRate(part.trim()));
  const again = rates.find(({ kind }, index) => rates.findIndex((other) => other.kind === kind) < index);
  if (again !== undefined) throw new RainstormError('USAGE', `"${text}" says twice how often ${again.kind} are killed`, { hint: HINT });
  return rates;
}

function parseRate(text: string): ChaosRate {
  const colon = text.indexOf(':');
  if (colon === -1) throw new RainstormError('USAGE', `"${text}" does not say how often`, { hint: HINT });
  const name = text.slice(0, colon).trim();
  const kind = CHAOS_KINDS.find((known) => known === name);
  if (kind === undefined) {
    const nearest = nearestName(name, CHAOS_KINDS);
    throw new RainstormError('USAGE', `"${name}" is nothing that can be killed`, { hint: `${nearest === undefined ? '' : `Did you mean ${nearest}? `}${HINT}` });
  }
  return { kind, periodMs: parsePeriod(text.slice(colon + 1)) };
}

function parsePeriod(text: string): number {
  const [, amount = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (amount === '' || unitMs === undefined) throw new RainstormError('USAGE', `"${text.trim()}" is no time`, { hint: HINT });
  const periodMs = Number(amount) * unitMs;
  if (periodMs >= MIN_PERIOD_MS && periodMs <= MAX_PERIOD_MS) return periodMs;
  throw new RainstormError('USAGE', `${text.trim()} is too ${periodMs < MIN_PERIOD_MS ? 'short' : 'long'} a time between two kills`, {
    hint: `It is ${MIN_PERIOD_MS} ms at least and 24 hours at most.`,
  });
}
