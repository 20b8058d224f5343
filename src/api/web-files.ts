/**
 * The files of the dashboard, as they were built: `/` and `/assets/*`.
 *
 * What serves them is loaded with the first request for one: most leaders are those of a `run` that nobody looks at.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpServer } from '../control/http-server.ts';
import type { WebLogin } from './web-login.ts';
import { NOT_BUILT_PAGE, NOT_LOGGED_IN_PAGE, sendPage } from './web-pages.ts';

/** `folder`: with an index.html, and what belongs to it in assets/. */
export function serveWebFiles(server: HttpServer, login: WebLogin, folder: string): void {
  let loading: Promise<FastifyInstance> | undefined;
  const files = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!existsSync(join(folder, 'index.html'))) return sendPage(reply, 503, NOT_BUILT_PAGE);
    loading ??= import('./file-server.ts').then(({ makeFileServer }) => makeFileServer(folder));
    const served = await loading;
    reply.hijack();
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
    served.routing(request.raw, reply.raw);
    return reply;
  };
  server.app.get('/', { config: { access: 'open' } }, (request, reply) => (login.mayRead(request) ? files(request, reply) : sendPage(reply, 401, NOT_LOGGED_IN_PAGE)));
  server.app.get('/assets/*', files);
}
