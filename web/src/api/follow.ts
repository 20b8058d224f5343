/**
 * Answers that go on and on, read by fetch: unlike EventSource it tells an ended session from a leader that is away.
 *
 * A hidden page holds no connection. Browsers allow six to one server, so the seventh tab would stand still otherwise, and
 * nobody looks at what it would show.
 */
import { Refusal, SessionExpired, Unreachable, open } from './call.ts';

/** A leader that is started again is there within seconds; asking it is cheap. */
const RETRY_MS = 1_000;

export interface FollowHandlers {
  /** Text as it comes, cut anywhere. */
  readonly text: (piece: string) => void;
  /** Connected anew; what came meanwhile was not told. */
  readonly opened: () => void;
  /** This connection is over, for whatever reason. */
  readonly closed: () => void;
  /** It will be tried again. */
  readonly lost: () => void;
  readonly expired: () => void;
  /** The leader refuses, or has said all there is. */
  readonly ended: (refusal: Refusal | undefined) => void;
}

/** Follows `path` until the given function is called, the session has ended or the leader has said all. */
export function follow(path: string, handlers: FollowHandlers): () => void {
  const stopped = new AbortController();
  void followOn(path, handlers, stopped.signal);
  return () => stopped.abort();
}

async function followOn(path: string, handlers: FollowHandlers, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    await visible(stopped);
    const connection = new AbortController();
    const until = connection.signal;
    const unwatch = abortWhenHidden(connection, stopped);
    try {
      await followOnce(path, handlers, until);
      if (!until.aborted) return handlers.ended(undefined);
    } catch (error) {
      if (stopped.aborted) return;
      if (until.aborted) continue;
      if (error instanceof SessionExpired) return handlers.expired();
      if (error instanceof Refusal) return handlers.ended(error);
      if (!(error instanceof Unreachable)) throw error;
      handlers.lost();
      await wait(RETRY_MS, stopped);
    } finally {
      unwatch();
    }
  }
}

async function followOnce(path: string, handlers: FollowHandlers, until: AbortSignal): Promise<void> {
  const answer = await open(path, { signal: until });
  if (until.aborted) return;
  handlers.opened();
  try {
    for await (const piece of textOf(answer, until)) handlers.text(piece);
  } finally {
    handlers.closed();
  }
}

/** The pieces of an answer's body, as they come. Throws Unreachable when the connection breaks. */
async function* textOf(answer: Response, until: AbortSignal): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) return;
  for (;;) {
    const { value, done } = await reader.read().catch((error: unknown) => {
      if (until.aborted) return { value: undefined, done: true };
      if (error instanceof TypeError || error instanceof DOMException) throw new Unreachable();
      throw error;
    });
    if (until.aborted || done || value === undefined) return;
    yield value;
  }
}

/** Resolves when the page can be seen, or at the signal. */
async function visible(stopped: AbortSignal): Promise<void> {
  while (document.hidden && !stopped.aborted) await nextEvent(document, 'visibilitychange', stopped);
}

/** Or at the signal. Nothing of it is left once the given function is called. */
function abortWhenHidden(connection: AbortController, stopped: AbortSignal): () => void {
  const look = () => {
    if (document.hidden || stopped.aborted) connection.abort();
  };
  document.addEventListener('visibilitychange', look);
  stopped.addEventListener('abort', look);
  look();
  return () => {
    document.removeEventListener('visibilitychange', look);
    stopped.removeEventListener('abort', look);
  };
}

function nextEvent(target: EventTarget, name: string, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      target.removeEventListener(name, done);
      stopped.removeEventListener('abort', done);
      resolve();
    };
    target.addEventListener(name, done);
    stopped.addEventListener('abort', done);
  });
}

/** Ends early at the signal. */
export function wait(ms: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      window.clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      resolve();
    };
    const timer = window.setTimeout(done, ms);
    stopped.addEventListener('abort', done);
  });
}
