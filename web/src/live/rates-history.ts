/** What the charts of a job show: its rates over time, as the leader keeps them, and each second's added. */
import type { HistoryView, Mark, HistoryPoint } from '../api/types.ts';

/** More than there are pixels in a wide chart; past it every other point goes, and from then on half as many come. */
const MAX_POINTS = 1_800;

/** A job that is restarted all the time has more; the newest are kept. */
const MAX_MARKS = 1_000;

export const NO_HISTORY: HistoryView = { stepMs: 1_000, points: [], marks: [], lostMarks: 0 };

/** Gives the same history when the point comes too early for its step. */
export function withPoint(history: HistoryView, point: HistoryPoint): HistoryView {
  const last = history.points.at(-1);
  // The leader's seconds are not exact.
  if (last !== undefined && point.atMs - last.atMs < history.stepMs * 0.8) return history;
  const points = [...history.points, point];
  if (points.length <= MAX_POINTS) return { ...history, points };
  return { ...history, stepMs: history.stepMs * 2, points: points.filter((_, index) => index % 2 === 0) };
}

export function withMark(history: HistoryView, mark: Mark): HistoryView {
  return { ...history, marks: [...history.marks, mark].slice(-MAX_MARKS) };
}
