/** Serves a folder of built files: the page itself, which changes with each version, and what is named after its content. */
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { answerError, answerNotFound } from '../control/http-server.ts';
import { CONTENT_POLICY } from './web-pages.ts';

const YEAR_SECONDS = 365 * 86_400;

/** A server without a socket, to which another hands requests that it has let in. Throws where there is no such folder. */
export async function makeFileServer(folder: string): Promise<FastifyInstance> {
  const page = join(folder, 'index.html');
  const app = fastify({ frameworkErrors: (error, request, reply) => void answerError(error, request, reply) });
  app.setErrorHandler(answerError);
  app.setNotFoundHandler(answerNotFound);
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', CONTENT_POLICY);
  });
  await app.register(fastifyStatic, {
    root: join(folder, 'assets'), prefix: '/assets/', index: false, cacheControl: false,
    setHeaders: (response, path) => void response.header('cache-control', path === page ? 'no-cache' : `private, max-age=${YEAR_SECONDS}, immutable`),
  });
  app.get('/', (_request, reply) => reply.sendFile('index.html', folder));
  await app.ready();
  return app;
}
