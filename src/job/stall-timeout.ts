import { RainstormError } from '../base/errors.ts';
import { durationMs } from './duration.ts';

/** On a busy machine a program may well wait so long for its turn. */
const MIN_STALL_MS = 100;

/** Longer than a day is never. */
export const MAX_STALL_MS = 24 * 3_600_000;

/** Reads `60s`, `500ms`, `2min`, `1h` as milliseconds, and `off` as 0. Throws USAGE. */
export function parseStallTimeout(text: string): number {
  if (text.trim() === 'off') return 0;
  const hint = 'Give a duration such as 500ms, 60s or 2min, or off.';
  const [, amount = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const ms = durationMs(amount, unit);
  if (ms === undefined) throw new RainstormError('USAGE', `"${text}" is no duration`, { hint });
  if (ms < MIN_STALL_MS || ms > MAX_STALL_MS) throw new RainstormError('USAGE', `"${text}" is not between 100ms and 24h`, { hint });
  return ms;
}
