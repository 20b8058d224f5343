/** Everything that is measured, as Prometheus reads it. */
import type { Leader } from '../leader/leader.ts';
import { jobMetrics } from './job-metrics.ts';
import { leaderMetrics } from './leader-metrics.ts';
import { formatMetrics } from './metric-text.ts';
import { workerMetrics } from './worker-metrics.ts';

export { METRICS_TYPE } from './metric-text.ts';

export function metricsOf(leader: Leader): string {
  return formatMetrics([...leaderMetrics(), ...workerMetrics(leader.workers()), ...jobMetrics(leader.runs(), Date.now())]);
}
