const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000 };

/** A duration in milliseconds, of a number and `ms`, `s`, `min` or `h` in any case; undefined where the unit is none of time. */
export function durationMs(amount: string, unit: string): number | undefined {
  const unitMs = UNIT_MS[unit.toLowerCase()];
  return unitMs === undefined ? undefined : Math.round(Number(amount) * unitMs);
}
