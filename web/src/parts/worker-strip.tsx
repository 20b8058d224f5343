/** The workers in short. */
import type { WorkerView } from '../api/types.ts';
import { formatBytes, formatCores, formatNumberOf } from '../format.ts';
import { WORKERS_LINK } from '../route.ts';

/** A cluster may have hundreds; the others have a page. */
const MAX_SHOWN = 8;

export function WorkerStrip({ workers }: { readonly workers: readonly WorkerView[] }) {
  const shown = workers.slice(0, MAX_SHOWN);
  return (
    <section aria-labelledby="workers" class="block">
      <div class="block__head"><h2 id="workers">Workers</h2><a href={WORKERS_LINK}>{workers.length > MAX_SHOWN ? `all ${workers.length}` : 'details'}</a></div>
      {workers.length === 0 ? <p class="empty">No worker has joined. Start one with <code>rainstorm worker --leader URL</code>.</p> : null}
      <ul class="strip">
        {shown.map((worker) => (
          <li key={worker.worker} class="strip__item">
            <span class="strip__name">{worker.worker}</span>
            <span class="num">{formatCores(worker.cpuShare)} cores</span>
            <span class="num">{formatBytes(worker.memoryBytes)}</span>
            <span class="num dim">{formatNumberOf(worker.tasks, 'task')}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
