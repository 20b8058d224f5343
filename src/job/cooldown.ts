import { RainstormError } from '../base/errors.ts';
import { durationMs } from './duration.ts';

/** Nobody waits longer for the next change than a day. */
export const MAX_COOLDOWN_MS = 24 * 3_600_000;

/** Reads `10s`, `500ms`, `2min`, `1h` as milliseconds. Throws USAGE. */
export function parseCooldown(text: string): number {
  const hint = 'Give a duration such as 10s or 2min: so long a stage keeps its number of tasks after a change.';
  const [, amount = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(text) ?? [];
  const ms = durationMs(amount, unit);
  if (ms === undefined) throw new RainstormError('USAGE', `"${text}" is no duration`, { hint });
  if (ms > MAX_COOLDOWN_MS) throw new RainstormError('USAGE', `"${text}" is more than 24h`, { hint });
  return ms;
}
