import { text } from 'node:stream/consumers';
import { RainstormError, messageOf } from '../base/errors.ts';
import { httpCall } from './http-call.ts';
import { formatLogQuery, type LogQuery } from './log-query.ts';
import { EVENTS_PATH, LOG_PATH, fillPath, type Route } from './routes.ts';
import { failureBody } from './schemas.ts';

/** A control call is a few small messages on a network nearby; who takes longer is away. */
const CALL_TIMEOUT_MS = 10_000;

const STATUS_OK = 200;

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
    const answer = await this.#exchange(route.method, fillPath(route.path, options.params ?? {}), body, options);
    if (answer.status !== STATUS_OK) throw failureOf(answer, this.url);
    const reply = route.reply.safeParse(parseJson(answer.text));
    if (!reply.success) throw new RainstormError('PROTOCOL', `${this.url} answered ${route.path} with something unexpected: ${reply.error.message}`);
    return reply.data;
  }

  /** A task's log as a stream of bytes, which an abort ends with an error. */
  async log(job: string, task: string, query: LogQuery, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return await this.#stream(`${fillPath(LOG_PATH, { job, task })}${formatLogQuery(query)}`, signal);
  }

  /** What happens to a job until it has ended, as event-stream.ts reads it. An abort ends it with an error. */
  async eventBytes(job: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    return await this.#stream(fillPath(EVENTS_PATH, { job }), signal);
  }

  async #stream(path: string, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
    const answer = await httpCall(`${this.url}${path}`, { headers: this.#headers(), agent: false, signal }).catch((cause: unknown) => {
      throw this.#unreachable(cause);
    });
    const status = answer.statusCode ?? 0;
    if (status === STATUS_OK) return answer;
    throw failureOf({ status, text: await text(answer) }, this.url);
  }

  async #exchange(method: string, path: string, body: unknown, options: CallOptions): Promise<Answer> {
    const query = new URLSearchParams(options.query).toString();
    try {
      const answer = await httpCall(`${this.url}${path}${query === '' ? '' : `?${query}`}`, {
        method,
        headers: { ...this.#headers(), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(options.timeoutMs ?? CALL_TIMEOUT_MS),
      });
      return { status: answer.statusCode ?? 0, text: await text(answer) };
    } catch (cause) {
      throw this.#unreachable(cause);
    }
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }

  #unreachable(cause: unknown): RainstormError {
    return new RainstormError('UNREACHABLE', `nobody answers at ${this.url}: ${reasonOf(cause)}`, { cause });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Undefined for what is no JSON, as no schema of ours but that for nothing takes it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** An abort wraps its reason (too long a wait); a name with several addresses gives an error for each of them. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return messageOf(error.errors[0]);
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function failureOf({ status, text }: Answer, url: string): RainstormError {
  const body = failureBody.safeParse(parseJson(text));
  if (!body.success) return new RainstormError('PROTOCOL', `${url} answered with status ${status} and no reason`);
  const { code, message, hint } = body.data;
  return new RainstormError(code, message, hint === undefined ? {} : { hint });
}
