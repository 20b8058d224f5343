/** Restarts, kills, workers and changes in numbers of tasks, as lines in a chart, each kind with its letter above it. */
import type uPlot from 'uplot';
import type { Mark } from '../api/types.ts';
import { colour } from './series-style.ts';

const LETTERS: Readonly<Partial<Record<Mark['kind'], string>>> = { restart: 'R', kill: 'K', worker: 'W', scale: 'S' };

const COLOURS: Readonly<Partial<Record<Mark['kind'], string>>> = { restart: 'blocked', kill: 'bad', worker: 'ink-2', scale: 'accent' };

/** Letters that stand closer cannot be read. */
const MIN_LETTER_GAP = 14;

/** More whole lines would hide what they are drawn on; then they are ticks at its top. */
const MAX_WHOLE_LINES = 60;

const TICK_LENGTH = 8;

/** Two lines on one pixel are one. */
const MIN_LINE_GAP = 2;

/** For whoever wonders what the letters are. */
export const MARKS_LEGEND = 'R restart, K kill, W worker gone or new, S scale';

export function paintMarks(chart: uPlot, marks: readonly Mark[]): void {
  const { ctx, bbox } = chart;
  const pixel = devicePixelRatio;
  const last = new Map<string, number>();
  let lastLetter = -Infinity;
  ctx.save();
  ctx.font = `600 ${11 * pixel}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  ctx.lineWidth = pixel;
  ctx.setLineDash([]);
  const length = marks.length > MAX_WHOLE_LINES ? TICK_LENGTH * pixel : bbox.height;
  for (const mark of marks) {
    const letter = LETTERS[mark.kind];
    const x = Math.round(chart.valToPos(mark.atMs / 1000, 'x', true));
    if (letter === undefined || x < bbox.left || x > bbox.left + bbox.width || x - (last.get(letter) ?? -Infinity) < MIN_LINE_GAP * pixel) continue;
    last.set(letter, x);
    const paint = colour(COLOURS[mark.kind] ?? 'ink-3');
    ctx.strokeStyle = paint;
    ctx.beginPath();
    ctx.moveTo(x + 0.5, bbox.top);
    ctx.lineTo(x + 0.5, bbox.top + length);
    ctx.stroke();
    if (x - lastLetter < MIN_LETTER_GAP * pixel) continue;
    lastLetter = x;
    ctx.fillStyle = paint;
    ctx.fillText(letter, x, bbox.top - 5 * pixel);
  }
  ctx.restore();
}
