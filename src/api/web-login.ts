/**
 * How a browser logs in to the dashboard, and what it may do then.
 *
 * WL1 The token never reaches a page. A link opens a session (web-sessions.ts), of which the browser has a cookie that no
 *     script can read and that is not sent along from other sites.
 * WL2 Whoever comes with a cookie and wants something changed has to come from a page of this server: browsers count another
 *     port of the same host as the same site.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RainstormError } from '../base/errors.ts';
import { hasToken, type HttpServer, type Visitors } from '../control/http-server.ts';
import { OK, leaderRoutes } from '../control/routes.ts';
import { LOGGED_IN_PAGE, NO_SUCH_LINK_PAGE, sendPage } from './web-pages.ts';
import { SESSION_LIFETIME_MS, type WebSessions } from './web-sessions.ts';

/** What changes nothing. */
const READING: ReadonlySet<string> = new Set(['GET', 'HEAD']);

export class WebLogin implements Visitors {
  readonly #sessions: WebSessions;
  readonly #token: string;

  constructor(sessions: WebSessions, token: string) {
    this.#sessions = sessions;
    this.#token = token;
  }

  /** Whether the request comes with an open session. Throws CROSS_SITE (WL2). */
  admits(request: FastifyRequest): boolean {
    const secret = cookieOf(request);
    if (secret === undefined || !this.#sessions.isOpen(secret, request.host)) return false;
    if (!READING.has(request.method) && !isOfThisOrigin(request)) {
      throw new RainstormError('CROSS_SITE', `${request.method} ${request.url} was asked for by a page of another site`, { hint: 'Use the dashboard itself, or the token.' });
    }
    return true;
  }

  /** Whether whoever asks for a page may see it. */
  mayRead(request: FastifyRequest): boolean {
    return hasToken(request, this.#token) || this.admits(request);
  }

  serve(server: HttpServer): void {
    server.serve(leaderRoutes.loginLink, (_body, _params, _query, { host }) => ({ url: `http://${host}/login?code=${this.#sessions.newCode()}` }));
    server.app.get('/login', { config: { access: 'open' }, exposeHeadRoute: false }, (request, reply) => this.#login(request, reply));
    server.serve(leaderRoutes.logout, (_body, _params, _query, request) => {
      const secret = cookieOf(request);
      if (secret !== undefined) this.#sessions.close(secret);
      return OK;
    });
  }

  #login(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { code } = request.query as { readonly code?: unknown };
    const secret = typeof code === 'string' ? this.#sessions.redeem(code, request.host) : undefined;
    if (secret !== undefined) {
      void reply.header('set-cookie', `${cookieName(request)}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${SESSION_LIFETIME_MS / 1000}`);
      return sendPage(reply, 200, LOGGED_IN_PAGE);
    }
    // Who opens a used link again in the browser that has used it is where they wanted to be.
    return this.admits(request) ? sendPage(reply, 200, LOGGED_IN_PAGE) : sendPage(reply, 401, NO_SUCH_LINK_PAGE);
  }
}

/** Browsers keep cookies by host alone: leaders beside each other must not overwrite each other's. */
function cookieName(request: FastifyRequest): string {
  return `rainstorm-${request.socket.localPort ?? 0}`;
}

function cookieOf(request: FastifyRequest): string | undefined {
  const wanted = `${cookieName(request)}=`;
  const pair = (request.headers.cookie ?? '').split(';').map((text) => text.trim()).find((text) => text.startsWith(wanted));
  return pair?.slice(wanted.length);
}

/** WL2. Every browser of today says where a request comes from in one of the two. */
function isOfThisOrigin({ headers, host }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  return headers.origin === `http://${host}`;
}
