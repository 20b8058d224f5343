/** All workers: what they use, what they host, and an end to them on request. */
import type { WorkerView } from '../api/types.ts';
import { formatBytes, formatCores } from '../format.ts';
import { useCluster } from '../live/cluster-feed.ts';
import { KillWorkerButton } from '../parts/job-actions.tsx';
import { linkToJob } from '../route.ts';
import { useTitle } from '../title.ts';

/** More names than this make a row higher than a screen. */
const MAX_JOBS = 6;

export function WorkersView() {
  const { workers } = useCluster();
  useTitle('Workers');
  return (
    <>
      <h1 id="workers-title">Workers</h1>
      {workers === undefined ? <p class="empty">Asking the leader…</p> : null}
      {workers?.length === 0 ? <p class="empty">No worker has joined. Start one with <code>rainstorm worker --leader URL</code>.</p> : null}
      {workers === undefined || workers.length === 0 ? null : (
        <div class="table-frame" role="region" tabIndex={0} aria-labelledby="workers-title">
          <table>
            <thead><tr><th scope="col">Worker</th><th scope="col" class="end">CPU</th><th scope="col" class="end">Memory</th><th scope="col" class="end">Tasks</th><th scope="col" class="wide">Jobs</th><th scope="col" class="wide">Process</th><th scope="col"><span class="hidden">What can be done</span></th></tr></thead>
            <tbody>{workers.map((worker) => <Row key={worker.worker} worker={worker} />)}</tbody>
          </table>
        </div>
      )}
      <p class="dim">CPU, in cores, and memory are those of a worker and its operators together.</p>
    </>
  );
}

function Row({ worker }: { readonly worker: WorkerView }) {
  return (
    <tr data-worker={worker.worker}>
      <th scope="row">{worker.worker}{worker.edge ? <div class="dim">the command itself</div> : null}</th>
      <td class="end num" data-figure="cpu">{formatCores(worker.cpuShare)}</td>
      <td class="end num" data-figure="memory">{formatBytes(worker.memoryBytes)}</td>
      <td class="end num" data-figure="tasks">{worker.tasks}</td>
      <td class="wide">{worker.jobs.slice(0, MAX_JOBS).map((job) => <div key={job}><a class="clip" href={linkToJob(job)}>{job}</a></div>)}{worker.jobs.length > MAX_JOBS ? <div class="dim">{worker.jobs.length - MAX_JOBS} more</div> : null}</td>
      <td class="wide dim num">{worker.hostname}, pid {worker.pid}</td>
      <td class="end"><KillWorkerButton worker={worker.worker} impossible={worker.edge ? 'It is the command that has the job\'s stdin or stdout' : undefined} /></td>
    </tr>
  );
}
