/**
 * The HTTP server of leader and worker: JSON, one schema per route.
 *
 * H1 Every route needs the token, or a visitor whom the server admits (a browser that has logged in); but for those that
 *    say that they are open, and tell nothing that a stranger may not know. An API that starts commands must not be open to
 *    every local user or web page.
 * H2 An address beyond this machine is refused unless the user gave a token.
 */
import { timingSafeEqual } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RainstormError, errnoOf, messageOf } from '../base/errors.ts';
import { HEALTH_PATH, type Access, type Route } from './routes.ts';

export interface ListenAddress {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

/** Plans with 256 tasks per stage and long environments fit; more is no job. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost']);

export type RouteParams = Readonly<Record<string, string>>;

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly access?: Access;
  }
}

/** Who is let in without the token. */
export interface Visitors {
  /** Whether the request comes from one of them. Throws what is wrong with one that does and may not do what it asks for. */
  admits(request: FastifyRequest): boolean;
}

const NOBODY: Visitors = { admits: () => false };

/** No answer of ours is for another page to show, for a browser to guess the kind of, or for a cache to keep. */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

export class HttpServer {
  readonly app: FastifyInstance;
  #url = '';

  constructor(token: string, visitors: Visitors = NOBODY) {
    this.app = fastify({
      bodyLimit: MAX_BODY_BYTES,
      forceCloseConnections: true,
      // Of what comes before any hook: addresses that are none.
      frameworkErrors: (error, request, reply) => {
        void answerError(error, request, reply.headers(SAFE_HEADERS));
      },
    });
    this.app.setErrorHandler(answerError);
    this.app.setNotFoundHandler(answerNotFound);
    this.app.addHook('onRequest', async (request, reply) => {
      reply.headers(SAFE_HEADERS);
      const access = accessOf(request);
      if (access === 'open' || hasToken(request, token) || (access === 'session' && visitors.admits(request))) return;
      throw new RainstormError('WRONG_TOKEN', 'the token is missing or wrong', { hint: 'Give the leader\'s token: --token-file FILE, or RAINSTORM_TOKEN.' });
    });
    this.app.get(HEALTH_PATH, { config: { access: 'open' } }, () => ({ ok: true }));
  }

  get url(): string {
    return this.#url;
  }

  /** Serves one route. What the handler throws becomes the answer. */
  serve<Body, Reply>(
    route: Route<Body, Reply>,
    handler: (body: Body, params: RouteParams, query: RouteParams, request: FastifyRequest) => Promise<Reply> | Reply,
  ): void {
    this.app.route({
      method: route.method,
      url: route.path,
      config: { access: route.access ?? 'session' },
      handler: async (request) => {
        const body = route.body.safeParse(request.body);
        if (!body.success) throw new RainstormError('USAGE', `${route.method} ${route.path}: ${body.error.message}`);
        const query = route.query?.safeParse(request.query);
        if (query?.success === false) throw new RainstormError('USAGE', `${route.method} ${request.url}: ${z.prettifyError(query.error)}`);
        return await handler(body.data, request.params as RouteParams, request.query as RouteParams, request);
      },
    });
  }

  /** Throws LISTEN_REFUSED (H2) or PORT_IN_USE. `tokenGiven`: whether the user chose the token. */
  async listen(address: ListenAddress, tokenGiven: boolean): Promise<void> {
    checkListenAddress(address, tokenGiven);
    try {
      this.#url = await this.app.listen({ host: address.host, port: address.port });
    } catch (cause) {
      throw listenError(cause, address);
    }
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

/** H2 */
export function checkListenAddress(address: ListenAddress, tokenGiven: boolean): void {
  if (tokenGiven || LOOPBACK.has(address.host)) return;
  throw new RainstormError('LISTEN_REFUSED', `listening on ${address.host} would let anybody on the network start commands here`, {
    hint: 'Give a token (--token-file FILE, or RAINSTORM_TOKEN), the same for the leader and all its workers.',
  });
}

export function listenError(cause: unknown, address: ListenAddress): RainstormError {
  const where = `${address.host}:${address.port}`;
  if (errnoOf(cause) === 'EADDRINUSE') {
    return new RainstormError('PORT_IN_USE', `cannot listen on ${where}: the port is in use`, { hint: 'Choose another port, or 0 for any free one.', cause });
  }
  return new RainstormError('LISTEN_REFUSED', `cannot listen on ${where}: ${messageOf(cause)}`, { cause });
}

/** What was thrown becomes the answer. */
export function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = error instanceof RainstormError ? error : asRainstormError(error);
  return reply.code(known.httpStatus).send(failureOf(known));
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ code: 'USAGE', message: `there is no ${request.method} ${request.url} here` });
}

/** What there is no route for is nobody's business either. */
export function accessOf(request: FastifyRequest): Access {
  return request.routeOptions.config.access ?? 'session';
}

export function hasToken(request: FastifyRequest, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** fastify's own errors (bad JSON, body too large) are the caller's; anything else is a bug of ours. */
function asRainstormError(error: unknown): RainstormError {
  const status = (error as { statusCode?: number }).statusCode ?? 500;
  return new RainstormError(status < 500 ? 'USAGE' : 'JOB_FAILED', messageOf(error), { cause: error });
}

function failureOf(error: RainstormError): { code: string; message: string; hint?: string } {
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
