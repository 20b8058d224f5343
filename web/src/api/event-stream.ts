/** Server-sent events, drawn together where they come in bursts. */
import type { Refusal } from './call.ts';
import { follow } from './follow.ts';

/** More often than this nothing is drawn. */
const BATCH_MS = 200;

/** A line that does not end is no event; those of a thousand tasks have some hundred thousand characters. */
const MAX_UNREAD_CHARACTERS = 64 * 1024 * 1024;

const EVENT_END = '\n\n';

export interface ServerEvent {
  readonly event: string;
  readonly data: unknown;
}

export interface StreamHandlers {
  /** What has come, in order. Called no more than five times a second. */
  readonly batch: (events: readonly ServerEvent[]) => void;
  /** Connected anew; what happened meanwhile was not told. */
  readonly opened: () => void;
  /** It will be tried again. */
  readonly lost: () => void;
  readonly expired: () => void;
  /** The leader refuses, or has said all there is. */
  readonly ended: (refusal: Refusal | undefined) => void;
}

/** Follows `path` until the given function is called, the session has ended or the leader has said all. */
export function followEvents(path: string, { batch, ...handlers }: StreamHandlers): () => void {
  const events = new Batch(batch);
  const stop = follow(path, { ...handlers, text: (piece) => events.add(piece), closed: () => events.end() });
  return () => {
    events.drop();
    stop();
  };
}

/** Events wait here for the moment in which they are drawn together. */
class Batch {
  readonly #handle: (events: readonly ServerEvent[]) => void;
  #text = '';
  #timer: number | undefined;
  #lastMs = -Infinity;

  constructor(handle: (events: readonly ServerEvent[]) => void) {
    this.#handle = handle;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > MAX_UNREAD_CHARACTERS) this.#text = '';
    this.#timer ??= window.setTimeout(() => this.flush(), Math.max(0, this.#lastMs + BATCH_MS - performance.now()));
  }

  flush(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    const end = this.#text.lastIndexOf(EVENT_END);
    if (end === -1) return;
    const events = this.#text.slice(0, end).split(EVENT_END).flatMap(parseEvent);
    this.#text = this.#text.slice(end + EVENT_END.length);
    this.#lastMs = performance.now();
    if (events.length > 0) this.#handle(events);
  }

  /** What is not whole yet never will be. */
  end(): void {
    this.flush();
    this.drop();
  }

  drop(): void {
    window.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#text = '';
  }
}

/** As the leader writes them: `event: NAME` and `data: JSON`. A comment is none. */
function parseEvent(block: string): ServerEvent[] {
  const lines = block.split('\n');
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const [event, data] = [field('event'), field('data')];
  return event === undefined || data === undefined ? [] : [{ event, data: JSON.parse(data) as unknown }];
}
