/**
 * How a job's stages did over time, in a bounded number of points: pure functions.
 *
 * HI1 A point stands for a step of time, and holds the means of all that was measured in it. Steps are counted from the first
 *     measurement, and are of one length.
 * HI2 There are never more than `maxPoints`. When one more would come, steps become twice as long and neighbours are merged, so
 *     that what is kept is the same as if steps had been of that length from the beginning.
 */
import { invariant } from '../base/errors.ts';
import type { HistoryView } from '../control/views.ts';

type StagePoint = HistoryView['points'][number]['stages'][number];

/** What was measured of all stages at a moment. */
export interface Measured {
  /** Since the Unix epoch, in milliseconds. */
  readonly atMs: number;
  readonly stages: readonly StagePoint[];
}

interface Point extends Measured {
  /** Of which `stages` are the means. `atMs` is the beginning of the step. */
  readonly measurements: number;
}

export interface History {
  readonly originMs: number;
  readonly stepMs: number;
  readonly points: readonly Point[];
}

/** The leader looks at its jobs each second. */
const FIRST_STEP_MS = 1_000;

/** Ten minutes to the second; later, more than any chart has room for. */
const MAX_POINTS = 600;

/** Of all stages together, some 700 KB of JSON: a job of many stages keeps fewer points. */
const MAX_STAGE_POINTS = 6_000;

/** Fewer make no chart, however many stages there are. */
const MIN_POINTS = 60;

export function pointsKept(stages: number): number {
  return Math.max(MIN_POINTS, Math.min(MAX_POINTS, Math.floor(MAX_STAGE_POINTS / Math.max(1, stages))));
}

/** HI1, HI2. `maxPoints` at least 1. What is measured before what was measured last, as when a clock is set back, counts to the last step. */
export function recorded(history: History | undefined, { atMs, stages }: Measured, maxPoints: number = pointsKept(stages.length)): History {
  invariant(maxPoints >= 1, 'HI2: a history keeps at least one point');
  const { originMs, stepMs, points } = history ?? { originMs: atMs, stepMs: FIRST_STEP_MS, points: [] };
  const last = points.at(-1);
  const beginMs = Math.max(stepBegin(atMs, originMs, stepMs), last?.atMs ?? originMs);
  const point: Point = { atMs: beginMs, measurements: 1, stages };
  if (last?.atMs === beginMs) return { originMs, stepMs, points: [...points.slice(0, -1), merged(last, point)] };
  return thinned({ originMs, stepMs, points: [...points, point] }, maxPoints);
}

function thinned(history: History, maxPoints: number): History {
  const { originMs, points } = history;
  if (points.length <= maxPoints) return history;
  const stepMs = history.stepMs * 2;
  const wider: Point[] = [];
  for (const point of points) {
    const atMs = stepBegin(point.atMs, originMs, stepMs);
    const last = wider.at(-1);
    if (last?.atMs === atMs) wider[wider.length - 1] = merged(last, point);
    else wider.push({ ...point, atMs });
  }
  return thinned({ originMs, stepMs, points: wider }, maxPoints);
}

function stepBegin(atMs: number, originMs: number, stepMs: number): number {
  return originMs + Math.floor((atMs - originMs) / stepMs) * stepMs;
}

/** Of two that follow each other. */
function merged(first: Point, second: Point): Point {
  const before = new Map(first.stages.map((stage) => [stage.stage, stage]));
  const measurements = first.measurements + second.measurements;
  const stages = second.stages.map((stage): StagePoint => {
    const other = before.get(stage.stage);
    if (other === undefined) return stage;
    const mean = (a: number, b: number) => (a * first.measurements + b * second.measurements) / measurements;
    return {
      stage: stage.stage,
      tasks: stage.tasks,
      inRate: mean(other.inRate, stage.inRate),
      outRate: mean(other.outRate, stage.outRate),
      busyShare: mean(other.busyShare, stage.busyShare),
      blockedShare: mean(other.blockedShare, stage.blockedShare),
      backlogBytes: mean(other.backlogBytes, stage.backlogBytes),
    };
  });
  return { atMs: first.atMs, measurements, stages };
}

/** For people: figures no finer than can be seen. */
export function viewOfHistory(history: History | undefined, marks: HistoryView['marks'], lostMarks: number): HistoryView {
  const points = (history?.points ?? []).map(({ atMs, stages }) => ({ atMs, stages: stages.map(rounded) }));
  return { stepMs: history?.stepMs ?? FIRST_STEP_MS, points, marks: [...marks], lostMarks };
}

function rounded({ inRate, outRate, busyShare, blockedShare, backlogBytes, ...place }: StagePoint): StagePoint {
  return { ...place, inRate: places(inRate, 1), outRate: places(outRate, 1), busyShare: places(busyShare, 3), blockedShare: places(blockedShare, 3), backlogBytes: Math.round(backlogBytes) };
}

function places(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
