/**
 * What a running job looks like: one line that is rewritten on a terminal, a plain line now and then elsewhere, or JSON.
 * It goes to stderr, since stdout may be the job's output.
 */
import type { Writable } from 'node:stream';
import type { JobView } from '../control/views.ts';

export type ProgressMode = 'quiet' | 'json' | 'line' | 'plain';

/** A log with a line each second would hide what matters in it. */
const PLAIN_EVERY_MS = 5_000;
const JSON_EVERY_MS = 1_000;

/** Before this a job is over before anybody has read a line. */
const FIRST_AFTER_MS = 500;

const CLEAR_LINE = '\r\u001B[2K';

export class Progress {
  readonly #mode: ProgressMode;
  readonly #stream: Writable & { readonly columns?: number };
  readonly #startedAt: number;
  #shownAt = 0;
  #lineShown = false;

  /** `now` in milliseconds. */
  constructor(mode: ProgressMode, stream: Writable & { readonly columns?: number }, now: number) {
    this.#mode = mode;
    this.#stream = stream;
    this.#startedAt = now;
  }

  show(view: JobView, now: number): void {
    const elapsedMs = now - this.#startedAt;
    const everyMs = this.#mode === 'json' ? JSON_EVERY_MS : this.#mode === 'plain' ? PLAIN_EVERY_MS : 0;
    if (this.#mode === 'quiet' || elapsedMs < FIRST_AFTER_MS || now - this.#shownAt < everyMs) return;
    this.#shownAt = now;
    if (this.#mode === 'json') return void this.#stream.write(`${JSON.stringify({ event: 'progress', elapsedMs: Math.round(elapsedMs), ...view })}\n`);
    const line = progressLine(view, elapsedMs);
    if (this.#mode === 'plain') return void this.#stream.write(`${line}\n`);
    this.#stream.write(`${CLEAR_LINE}${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
    this.#lineShown = true;
  }

  /** Leaves the terminal's line empty for what comes next. */
  clear(): void {
    if (this.#lineShown) this.#stream.write(CLEAR_LINE);
    this.#lineShown = false;
  }
}

/** `12 %  source 120k/s → filter 118k/s → aggregate 3 tuples out  0:12, 1:30 left`, within one terminal line if it can. */
function progressLine(view: JobView, elapsedMs: number): string {
  const { sourceDoneBytes, sourceTotalBytes, stages } = view;
  const share = sourceTotalBytes === undefined || sourceTotalBytes === 0 ? undefined : Math.min(1, sourceDoneBytes / sourceTotalBytes);
  const done = share === undefined ? formatBytes(sourceDoneBytes) : `${Math.floor(share * 100)} %`;
  const flow = stages.slice(0, -1).map((stage) => (stage.stage === 0
    ? `${stage.name} ${formatCount(stage.outRate)}/s`
    : `${stage.name} ${formatCount(stage.inRate)} → ${formatCount(stage.outRate)}/s`));
  const left = share === undefined || share === 0 || share === 1 ? '' : `, ${formatDuration((elapsedMs / share) * (1 - share))} left`;
  return `${done}  ${flow.join('  |  ')}  ${formatDuration(elapsedMs)}${left}`;
}

export function formatCount(value: number): string {
  if (value < 1_000) return String(Math.round(value));
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 10_000 ? 1 : 0)}k`;
  return `${(value / 1_000_000).toFixed(1)}M`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} kB`;
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const tail = String(seconds % 60).padStart(2, '0');
  return minutes < 60 ? `${minutes}:${tail}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${tail}`;
}
