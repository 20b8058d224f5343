import { RainstormError, messageOf } from '../base/errors.ts';
import { LOG_PATH, fillPath, type Route } from './routes.ts';
import { failureBody } from './schemas.ts';

/** A control call is a few small messages on a network nearby; who takes longer is away. */
const CALL_TIMEOUT_MS = 10_000;

export interface CallOptions {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

/** Talks to one leader or worker. Every call throws UNREACHABLE if nobody answers, or the error that the other side sent. */
export class ControlClient {
  readonly url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.url = url.replace(/\/$/, '');
    this.#token = token;
  }

  async call<Reply>(route: Route<undefined, Reply>, body: undefined, options?: CallOptions): Promise<Reply>;
  async call<Body, Reply>(route: Route<Body, Reply>, body: Body, options?: CallOptions): Promise<Reply>;
  async call<Body, Reply>(route: Route<Body, Reply>, body: Body, options: CallOptions = {}): Promise<Reply> {
    const response = await this.#fetch(route.method, fillPath(route.path, options.params ?? {}), body, options);
    const reply = route.reply.safeParse(await response.json());
    if (!reply.success) throw new RainstormError('PROTOCOL', `${this.url} answered ${route.path} with something unexpected: ${reply.error.message}`);
    return reply.data;
  }

  /** A task's log as a stream of bytes. */
  async log(job: string, task: string, follow: boolean, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const path = fillPath(LOG_PATH, { job, task });
    const response = await this.#fetch('GET', path, undefined, { query: follow ? { follow: '1' } : {}, timeoutMs: 0 }, signal);
    return response.body ?? emptyBody();
  }

  async #fetch(method: string, path: string, body: unknown, options: CallOptions, signal?: AbortSignal): Promise<Response> {
    const query = new URLSearchParams(options.query).toString();
    const timeoutMs = options.timeoutMs ?? CALL_TIMEOUT_MS;
    const signals = [...(timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : []), ...(signal === undefined ? [] : [signal])];
    const request = {
      method,
      headers: { authorization: `Bearer ${this.#token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
    };
    const response = await fetch(`${this.url}${path}${query === '' ? '' : `?${query}`}`, request).catch((cause: unknown) => {
      throw new RainstormError('UNREACHABLE', `nobody answers at ${this.url}: ${reasonOf(cause)}`, { cause });
    });
    if (response.ok) return response;
    throw await failureOf(response, this.url);
  }
}

async function* emptyBody(): AsyncIterable<Uint8Array> {
  yield* [];
}

/** fetch wraps the reason (ECONNREFUSED …) in a TypeError that says nothing. */
function reasonOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

async function failureOf(response: Response, url: string): Promise<RainstormError> {
  const body = failureBody.safeParse(await response.json().catch(() => undefined));
  if (!body.success) return new RainstormError('PROTOCOL', `${url} answered with status ${response.status} and no reason`);
  const { code, message, hint } = body.data;
  return new RainstormError(code, message, hint === undefined ? {} : { hint });
}
