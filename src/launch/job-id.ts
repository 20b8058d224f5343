import { randomInt } from 'node:crypto';

/**
 * Begins with the time, to the millisecond in base 36, so that names sort by age; what follows tells jobs apart that are begun
 * at once.
 */
export function newJobId(): string {
  const now = new Date();
  const time = now.toISOString().replaceAll(/[-:]|\..*/g, '').replace('T', '-');
  return `${time}-${inBase36(now.getUTCMilliseconds(), 2)}${inBase36(randomInt(36 ** 3), 3)}`;
}

function inBase36(number: number, digits: number): string {
  return number.toString(36).padStart(digits, '0');
}
