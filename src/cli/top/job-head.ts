/** The lines above the tables: how the job stands, and what limits it. */
import { cut, firstLines, fit, visible, widthOf } from '../cells.ts';
import { formatBytes, formatCount, formatDuration } from '../progress.ts';
import { isEnded, type Shown, type State } from './state.ts';
import type { Style } from './table.ts';
import { ageOf, doneText } from './tables.ts';

/** Of what is said about the job, on a screen of so many rows: no more than leaves the tasks enough. */
const SENTENCE_SHARE = 1 / 9;

const MAX_BAR_WIDTH = 30;
const MIN_BAR_WIDTH = 8;
const BAR_GAP = '  ';

export function jobHead(state: State, nowMs: number, style: Style): string[] {
  const { shown, columns, gone, rows } = state;
  const most = Math.max(1, Math.floor(rows * SENTENCE_SHARE));
  if (shown === undefined) return [style('inverse', fit('rainstorm top', columns)), ...(gone === undefined ? ['looking …'] : goneLines(gone, columns, most, nowMs, style))];
  const { view } = shown;
  const left = `rainstorm top  ${visible(view.job)} `;
  const right = ` ${view.state}  ${formatDuration(ageOf(view, nowMs))} `;
  const title = fit(left, columns - widthOf(right)) + right;
  const sentences = gone === undefined ? saidLines(shown, columns, most, style) : goneLines(gone, columns, most, nowMs, style);
  return [style('inverse', cut(title, columns)), flowLine(shown, columns, nowMs, style), ...sentences, ''];
}

/** With a bar, where the source's length is known and there is room, and how long it will take. */
function flowLine(shown: Shown, columns: number, nowMs: number, style: Style): string {
  const { view } = shown;
  const text = flowText(shown);
  const share = view.sourceTotalBytes === undefined || view.sourceTotalBytes === 0 || isEnded(shown) ? undefined : Math.min(1, view.sourceDoneBytes / view.sourceTotalBytes);
  if (share === undefined || share === 0) return cut(text, columns);
  const left = share === 1 ? '' : `  ${formatDuration((ageOf(view, nowMs) / share) * (1 - share))} left`;
  const room = Math.min(MAX_BAR_WIDTH, columns - widthOf(text) - widthOf(left) - BAR_GAP.length);
  if (room < MIN_BAR_WIDTH) return cut(text + left, columns);
  const full = Math.round(share * room);
  return `${text}${BAR_GAP}${style('green', '━'.repeat(full))}${style('dim', '─'.repeat(room - full))}${left}`;
}

/** `12.3k/s read, 51/s out   37 % of 10 MB`. */
export function flowText({ view }: Shown): string {
  const { sourceTotalBytes, stages, skippedTuples } = view;
  const [source, sink] = [stages[0], stages.at(-1)];
  const total = sourceTotalBytes === undefined || sourceTotalBytes === 0 ? ' read' : ` of ${formatBytes(sourceTotalBytes)}`;
  const skipped = skippedTuples === 0 ? '' : `   ${formatCount(skippedTuples)} left out`;
  if (isEnded({ view, tasks: [] })) return `${formatCount(source?.outTuples ?? 0)} tuples read, ${formatCount(sink?.inTuples ?? 0)} out${skipped}`;
  return `${formatCount(source?.outRate ?? 0)}/s read, ${formatCount(sink?.inRate ?? 0)}/s out   ${doneText(view)}${total}${skipped}`;
}

function saidLines(shown: Shown, columns: number, most: number, style: Style): string[] {
  const format = shown.view.failure === undefined ? 'cyan' : 'red';
  return saidTexts(shown).flatMap((text) => firstLines(text, columns, most)).slice(0, most).map((line) => style(format, line));
}

/** How it has ended; else the bottleneck, a task that holds its stage back, and what stages should have. */
export function saidTexts({ view, tasks, sentence }: Shown): string[] {
  if (!isEnded({ view, tasks })) return [sentence, ...tasks.map(({ holdsBack }) => holdsBack), ...view.scaleAdvice].filter((text) => text !== undefined);
  const { failure, state, dest } = view;
  if (failure !== undefined) return [`failed: ${failure.message}`];
  if (state !== 'done') return [state];
  return [dest === '-' ? 'done; the result went to stdout' : `done; the result is in ${dest}`];
}

function goneLines(gone: State['gone'], columns: number, most: number, nowMs: number, style: Style): string[] {
  if (gone === undefined) return [];
  return firstLines(`leader is gone; waiting … ${formatDuration(nowMs - gone.sinceMs)} (${gone.why})`, columns, most).map((line) => style('red', line));
}
