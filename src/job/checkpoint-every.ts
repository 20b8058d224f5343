import { RainstormError } from '../base/errors.ts';
import { parseByteSize } from './byte-size.ts';
import type { CheckpointEvery } from './contract.ts';
import { durationMs } from './duration.ts';

/** Shorter than this an operator does little else; longer than a day is never. */
const MIN_EVERY_MS = 10;
const MAX_EVERY_MS = 24 * 3_600_000;

/** Reads `5s`, `500ms`, `2min`, `1h`, or a size as `parseByteSize` does, with a unit. Throws USAGE. */
export function parseCheckpointEvery(text: string): CheckpointEvery {
  const hint = 'Give a duration such as 500ms, 5s or 2min, or a size such as 8MiB.';
  const [, amount = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  if (amount === '' || unit === '') throw new RainstormError('USAGE', `"${text}" is no duration and no size`, { hint });
  if (unit === 'm') throw new RainstormError('USAGE', `"${text}" may be minutes or mebibytes`, { hint: `Write ${amount}min or ${amount}MiB.` });
  const ms = durationMs(amount, unit);
  if (ms === undefined) return { kind: 'size', bytes: checkedBytes(text, hint) };
  if (ms < MIN_EVERY_MS || ms > MAX_EVERY_MS) throw new RainstormError('USAGE', `"${text}" is not between 10ms and 24h`, { hint });
  return { kind: 'time', ms };
}

function checkedBytes(text: string, hint: string): number {
  try {
    const bytes = parseByteSize(text);
    if (bytes > 0) return bytes;
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
  }
  throw new RainstormError('USAGE', `"${text}" is no duration and no size above 0`, { hint });
}
