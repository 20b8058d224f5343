/** What happens, as server-sent events: of one job, and of all jobs and workers. */
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { HttpServer } from '../control/http-server.ts';
import { ALL_EVENTS_PATH, EVENTS_PATH } from '../control/routes.ts';
import type { Leader } from '../leader/leader.ts';
import { ClusterFeed } from './cluster-events.ts';
import { endedEvents, JobFeeds } from './job-events.ts';

export function serveEvents(server: HttpServer, leader: Leader): void {
  const jobs = new JobFeeds();
  const all = new ClusterFeed(leader);
  server.app.get(EVENTS_PATH, async (request, reply) => {
    const job = (request.params as Record<string, string>)['job'] ?? '';
    const run = leader.run(job);
    if (run === undefined) return send(reply, endedEvents(await leader.ended.view(job)));
    return send(reply, jobs.of(leader.watch(run)).follow(untilGone(reply)));
  });
  server.app.get(ALL_EVENTS_PATH, (_, reply) => send(reply, all.follow(untilGone(reply))));
}

function untilGone(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  // It may have left before it was let in.
  if (reply.raw.destroyed) gone.abort();
  return gone.signal;
}

function send(reply: FastifyReply, events: AsyncIterable<string>): FastifyReply {
  return reply.type('text/event-stream').header('cache-control', 'no-store').send(Readable.from(events, { objectMode: false }));
}
