/** The lines of a task's log that are asked for: the last ones of those that match, and whatever is added while one looks. */
import { useEffect, useState } from 'preact/hooks';
import type { Refusal } from '../api/call.ts';
import { follow } from '../api/follow.ts';
import { linkIs } from './link.ts';

/** More often nothing is drawn. */
const DRAW_MS = 500;

/** A log that is followed and has no such line yet is not even answered: so long it is waited for. */
const SILENT_MS = 1_500;

/** Of a log that grows faster than anybody reads, the newest stay. */
const MAX_LINES = 2_000;

export const LOG_KINDS = {
  all: { name: 'Everything', pattern: '' },
  events: { name: 'Events', pattern: String.raw`^\S+ (?!OUTPUT |STDERR )` },
  output: { name: 'Output', pattern: String.raw`^\S+ OUTPUT ` },
  stderr: { name: 'Stderr', pattern: String.raw`^\S+ STDERR ` },
} as const;
export type LogKind = keyof typeof LOG_KINDS;

export interface LogRequest {
  readonly job: string;
  readonly task: string;
  readonly kind: LogKind;
  /** A regular expression, or nothing. */
  readonly search: string;
  readonly tail: number;
  readonly follows: boolean;
  /** Changes when the log goes on elsewhere: it lies with the worker that hosts the task. */
  readonly host: string;
}

export interface LogLine {
  /** Of the lines that were shown, from 0. */
  readonly number: number;
  readonly text: string;
}

export interface LogPicture {
  readonly lines: readonly LogLine[];
  readonly isLoading: boolean;
  /** Of lines that were left out since there were too many. */
  readonly dropped: number;
  readonly refusal?: Refusal | undefined;
}

const NOTHING: LogPicture = { lines: [], isLoading: true, dropped: 0 };

export function useLog(request: LogRequest): LogPicture {
  const [picture, setPicture] = useState<LogPicture>(NOTHING);
  const { job, task, kind, search, tail, follows, host } = request;
  useEffect(() => {
    setPicture(NOTHING);
    const lines = new Lines(setPicture);
    lines.begin(follows ? SILENT_MS : undefined);
    const stop = follow(logPath(request), {
      text: (piece) => lines.add(piece),
      opened: () => lines.begin(DRAW_MS),
      closed: () => lines.flush(),
      lost: linkIs.lost,
      expired: linkIs.expired,
      ended: (refusal) => lines.end(refusal),
    });
    return () => {
      stop();
      lines.drop();
    };
  }, [job, task, kind, search, tail, follows, host]);
  return picture;
}

function logPath({ job, task, kind, search, tail, follows }: LogRequest): string {
  const grep = patternOf(kind, search);
  const query = new URLSearchParams({ tail: String(tail), ...(grep === '' ? {} : { grep }), ...(follows ? { follow: '1' } : {}) });
  return `/v1/jobs/${encodeURIComponent(job)}/tasks/${encodeURIComponent(task)}/log?${query}`;
}

/** Lines of the kind in which the search is found. What is no regular expression goes to the leader as it is, who says why. */
export function patternOf(kind: LogKind, search: string): string {
  const { pattern } = LOG_KINDS[kind];
  return pattern === '' || search === '' || !isRegex(search) ? search || pattern : `^(?=.*?(?:${search}))(?:${pattern})`;
}

function isRegex(text: string): boolean {
  try {
    return new RegExp(text, 'u') instanceof RegExp;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/** Whole lines out of pieces, drawn together. */
class Lines {
  readonly #show: (picture: LogPicture) => void;
  #lines: LogLine[] = [];
  #rest = '';
  #count = 0;
  #timer: number | undefined;
  #refusal: Refusal | undefined;

  constructor(show: (picture: LogPicture) => void) {
    this.#show = show;
  }

  /** The first time, and whenever the leader is there again and tells all anew. Draws by then, whether anything has come or not. */
  begin(byMs: number | undefined): void {
    this.drop();
    this.#lines = [];
    this.#rest = '';
    this.#count = 0;
    if (byMs !== undefined) this.#timer = window.setTimeout(() => this.flush(), byMs);
  }

  add(piece: string): void {
    const whole = (this.#rest + piece).split('\n');
    this.#rest = whole.pop() ?? '';
    for (const text of whole) this.#lines.push({ number: this.#count++, text });
    if (this.#lines.length > 2 * MAX_LINES) this.#lines = this.#lines.slice(-MAX_LINES);
    this.#timer ??= window.setTimeout(() => this.flush(), DRAW_MS);
  }

  end(refusal: Refusal | undefined): void {
    this.#refusal = refusal;
    this.flush();
  }

  flush(): void {
    this.drop();
    const lines = this.#lines.slice(-MAX_LINES);
    this.#show({ lines, isLoading: false, dropped: this.#count - lines.length, refusal: this.#refusal });
  }

  drop(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
