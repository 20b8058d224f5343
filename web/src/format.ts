/** Numbers as people read them. Everything has the same width of figures, so that what changes each second does not jump. */

const KILO = 1000;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** 0, 7.2, 431, 12.4k, 3.1M. */
export function formatCount(value: number): string {
  if (value < 10) return value === Math.round(value) ? String(value) : value.toFixed(1);
  if (value < KILO - 0.5) return String(Math.round(value));
  return withUnit(value, ['', 'k', 'M', 'G', 'T'], '');
}

/** Every digit, in groups of three. */
export function formatExact(value: number): string {
  return Math.round(value).toLocaleString('en-US').replaceAll(',', '\u202F');
}

export function formatRate(perSecond: number): string {
  return `${formatCount(perSecond)}/s`;
}

export function formatBytes(bytes: number): string {
  return bytes < KILO ? `${Math.round(bytes)} B` : withUnit(bytes, ['B', 'kB', 'MB', 'GB', 'TB'], ' ');
}

export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Of processor cores. */
export function formatCores(cores: number): string {
  return cores.toFixed(2);
}

/** 0.4 s, 12 s, 3 min 05 s, 2 h 11 min, 4 d 3 h. */
export function formatDuration(ms: number): string {
  const left = Math.max(0, ms);
  if (left < 10 * SECOND_MS) return `${(left / SECOND_MS).toFixed(1)} s`;
  if (left < MINUTE_MS) return `${Math.floor(left / SECOND_MS)} s`;
  if (left < HOUR_MS) return `${Math.floor(left / MINUTE_MS)} min ${two((left % MINUTE_MS) / SECOND_MS)} s`;
  if (left < DAY_MS) return `${Math.floor(left / HOUR_MS)} h ${two((left % HOUR_MS) / MINUTE_MS)} min`;
  return `${Math.floor(left / DAY_MS)} d ${Math.floor((left % DAY_MS) / HOUR_MS)} h`;
}

/** As `formatDuration`, for what is told while it lasts: in whole seconds. */
export function formatWait(ms: number): string {
  return ms < 10 * SECOND_MS ? `${Math.max(0, Math.floor(ms / SECOND_MS))} s` : formatDuration(ms);
}

/** Local time of day, with the day where that is not today. */
export function formatTime(ms: number, nowMs: number): string {
  const time = new Date(ms);
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return time.toDateString() === new Date(nowMs).toDateString() ? clock : `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

/** `1 task`, `3 tasks`. */
export function formatNumberOf(count: number, noun: string): string {
  return `${formatExact(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A sentence of the leader's, which it writes as they stand in a line. */
export function formatSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function withUnit(value: number, units: readonly string[], between: string): string {
  let scaled = value;
  let unit = 0;
  // What would be rounded up to 1000 is 1.0 of the next.
  while (scaled >= KILO - 0.5 && unit < units.length - 1) {
    scaled /= KILO;
    unit += 1;
  }
  return `${scaled < 99.95 ? scaled.toFixed(1) : String(Math.round(scaled))}${between}${units[unit] ?? ''}`;
}

function two(value: number): string {
  return String(Math.floor(value)).padStart(2, '0');
}
