/** A task's log on the screen: it grows, is scrolled and followed. */
import type { LogView, State } from './state.ts';
import type { Step } from './news.ts';

/** Enough to scroll back a while; `rainstorm logs` has the whole. */
export const MAX_LOG_LINES = 5_000;

/** The title and the footer. */
export const LOG_FRAME_ROWS = 2;

export function growLog(log: LogView, more: readonly string[]): LogView {
  const all = [...log.lines, ...more];
  const tooMany = Math.max(0, all.length - MAX_LOG_LINES);
  return {
    ...log,
    lines: all.slice(tooMany),
    forgotten: log.forgotten + tooMany,
    last: log.last === undefined ? undefined : Math.max(0, log.last - tooMany),
  };
}

export function logKey(state: State, key: string): Step {
  const { log } = state;
  if (log === undefined || ['q', 'escape', 'l'].includes(key)) return { state: { ...state, screen: 'job', log: undefined }, effects: [{ kind: 'close-log' }] };
  return { state: { ...state, log: { ...log, last: scrolled(log, key, Math.max(1, state.rows - LOG_FRAME_ROWS)) } }, effects: [] };
}

/** Who scrolls to the end follows it again. */
function scrolled({ lines, last }: LogView, key: string, page: number): number | undefined {
  const end = lines.length - 1;
  const at = last ?? end;
  const by: Readonly<Record<string, number>> = { up: -1, down: 1, pageup: -page, pagedown: page, home: -lines.length, end: lines.length };
  if (key === 'f') return undefined;
  const move = by[key];
  if (move === undefined) return last;
  // The first page is as far up as it goes.
  const next = Math.max(at + move, Math.min(page - 1, end));
  return next >= end ? undefined : next;
}
