/** What is measured of the workers, as each last said of itself. */
import type { WorkerView } from '../control/views.ts';
import type { MetricFamily } from './metric-text.ts';

export function workerMetrics(workers: readonly WorkerView[]): MetricFamily[] {
  const each = (value: (worker: WorkerView) => number) => workers.map((worker) => [{ worker: worker.worker }, value(worker)] as const);
  return [
    { name: 'rainstorm_workers', type: 'gauge', help: 'Workers that have joined, but for commands that have a job\'s stdin or stdout.', samples: [[{}, workers.filter(({ edge }) => !edge).length]] },
    { name: 'rainstorm_worker_cpu_cores', type: 'gauge', help: 'Processor time that a worker and its operators took in the last seconds, in cores.', samples: each(({ cpuShare }) => cpuShare) },
    { name: 'rainstorm_worker_memory_bytes', type: 'gauge', help: 'Resident memory of a worker and its operators, what they share counted for each.', samples: each(({ memoryBytes }) => memoryBytes) },
    { name: 'rainstorm_worker_tasks', type: 'gauge', help: 'Tasks that a worker hosts and that have not finished.', samples: each(({ tasks }) => tasks) },
  ];
}
