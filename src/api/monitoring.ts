/** For programs that watch the leader: `/metrics` for Prometheus, and `/readyz`. What makes them is loaded when it is asked for. */
import type { HttpServer } from '../control/http-server.ts';
import { METRICS_PATH, READY_PATH } from '../control/routes.ts';
import type { Leader } from '../leader/leader.ts';

export function serveMonitoring(server: HttpServer, leader: Leader, onlyEnded: boolean): void {
  server.app.get(METRICS_PATH, async (_request, reply) => {
    const { METRICS_TYPE, metricsOf } = await import('./metrics.ts');
    return reply.type(METRICS_TYPE).send(metricsOf(leader));
  });
  server.app.get(READY_PATH, { config: { access: 'open' } }, (_request, reply) => {
    const reason = onlyEnded ? 'it only shows jobs that have ended' : leader.isReady ? undefined : 'it is taking over the jobs of the leader before it';
    return reason === undefined ? reply.send({ ready: true }) : reply.code(503).send({ ready: false, reason });
  });
}
