/** What is measured of the leader's own process, under the names that Prometheus' clients have for it. */
import { resourceUsage } from 'node:process';
import description from '../../package.json' with { type: 'json' };
import type { MetricFamily } from './metric-text.ts';

export function leaderMetrics(): MetricFamily[] {
  const { userCPUTime, systemCPUTime } = resourceUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const one = (name: string, type: MetricFamily['type'], help: string, value: number): MetricFamily => ({ name, type, help, samples: [[{}, value]] });
  return [
    { name: 'rainstorm_build_info', type: 'gauge', help: 'The version of this leader and its Node; always 1.', samples: [[{ version: description.version, node: process.versions.node }, 1]] },
    one('rainstorm_leader_event_loop_active_seconds_total', 'counter', 'Time in which the leader was not waiting for anything.', performance.eventLoopUtilization().active / 1_000),
    one('process_cpu_seconds_total', 'counter', 'Processor time that the leader has taken.', (userCPUTime + systemCPUTime) / 1_000_000),
    one('process_resident_memory_bytes', 'gauge', 'Resident memory of the leader.', rss),
    one('process_start_time_seconds', 'gauge', 'When the leader was started, in seconds since the Unix epoch.', performance.timeOrigin / 1_000),
    one('nodejs_heap_size_used_bytes', 'gauge', 'What the leader has on the heap of its Node.', heapUsed),
  ];
}
