/**
 * Decimal numbers as sums read them.
 *
 * The short ones, which nearly all are, are kept as `units * 10^-scale` in two ordinary numbers: below 10^15 both the units
 * and their sums up to 2^53 are exact, and the doubles `units / 10^scale` compare as the decimals do, since 15 digits
 * survive a double. Everything else is a `Big`, exact at any length.
 */
import { Big } from 'big.js';

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;

const MAX_SHORT_DIGITS = 15;

/** Beyond this, written out in full, one number would be a page of zeros, and `1e999999999` all of memory. */
const MAX_EXPONENT = 10_000;

/** Where `readShortDecimal` puts what it read. */
export interface ShortDecimal {
  units: number;
  /** Digits behind the point, 0 to 15. */
  scale: number;
}

/** Reads `bytes[start..end)` if it is a decimal of at most 15 digits without exponent or spaces; false if it is anything else. */
export function readShortDecimal(bytes: Buffer, start: number, end: number, out: ShortDecimal): boolean {
  const sign = bytes[start];
  let at = sign === PLUS || sign === MINUS ? start + 1 : start;
  if (end - at > MAX_SHORT_DIGITS + 1) return false;
  let units = 0;
  let digits = 0;
  let pointAt = -1;
  for (; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      units = units * 10 + (byte - ZERO);
      digits++;
    } else if (byte === POINT && pointAt === -1) pointAt = at;
    else return false;
  }
  if (digits === 0 || digits > MAX_SHORT_DIGITS) return false;
  out.units = sign === MINUS ? -units : units;
  out.scale = pointAt === -1 ? 0 : end - pointAt - 1;
  return true;
}

/** Reads a decimal of any length, spaces around it allowed: `-1.5`, `+7`, `.5`, `1e3`. `NaN` and `Infinity` are none. */
export function readDecimal(text: string): Big | 'not a number' | 'out of range' {
  const match = /^[ \t]*(?:\+(?!-))?(-?(?:\d+\.?\d*|\.\d+)(?:e([+-]?\d+))?)[ \t]*$/i.exec(text);
  if (match?.[1] === undefined) return 'not a number';
  return Math.abs(Number(match[2] ?? 0)) > MAX_EXPONENT ? 'out of range' : new Big(match[1]);
}

export function toBig(units: number, scale: number): Big {
  return new Big(`${units}e-${scale}`);
}

/** The double nearest to it; these compare as the decimals do. */
export function doubleOf({ units, scale }: ShortDecimal): number {
  return units / 10 ** scale;
}
