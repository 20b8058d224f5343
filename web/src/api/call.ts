/**
 * Calls to the leader that this page came from. The session's cookie goes with them by itself; the page never sees it.
 *
 * What goes wrong is one of three: the leader does not answer, it does not know the session any more, or it refuses and
 * says why.
 */

/** As long as the leader itself waits for a worker, and a little for the way. */
const CALL_TIMEOUT_MS = 12_000;

const UNAUTHORIZED = 401;

/** The leader's answer when it does not do what it is asked: its own words. */
export class Refusal extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  constructor(code: string, message: string, hint: string | undefined) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.hint = hint;
  }
}

/** The session has ended, or there was none. */
export class SessionExpired extends Error {
  override readonly name = 'SessionExpired';
}

/** Nobody answers. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** For answers that go on and on there is none. */
  readonly timeoutMs?: number | undefined;
}

/** Throws Refusal, SessionExpired, Unreachable; an abort of the caller's as it is. */
export async function call<Reply>(path: string, options: CallOptions = {}): Promise<Reply> {
  const answer = await open(path, { timeoutMs: CALL_TIMEOUT_MS, ...options });
  return await reading(answer.json(), options.signal) as Reply;
}

/** An answer whose body is still to be read. */
export async function open(path: string, { method = 'GET', body, signal, timeoutMs }: CallOptions): Promise<Response> {
  const signals = [...(signal === undefined ? [] : [signal]), ...(timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)])];
  const answer = await reading(fetch(path, {
    method,
    cache: 'no-store',
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
  }), signal);
  if (answer.ok) return answer;
  if (answer.status === UNAUTHORIZED) throw new SessionExpired();
  throw refusalOf(answer.status, await reading(answer.text(), signal));
}

/** fetch tells by a TypeError that nobody answers or the connection broke, and by a TimeoutError that it took too long. */
async function reading<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof TypeError || error instanceof DOMException)) throw error;
    throw new Unreachable();
  }
}

function refusalOf(status: number, text: string): Refusal {
  try {
    const { code, message, hint } = JSON.parse(text) as { code: string; message: string; hint?: string };
    return new Refusal(code, message, hint);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new Refusal('PROTOCOL', `the leader answered with status ${status} and no reason`, undefined);
  }
}
