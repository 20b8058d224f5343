/** All jobs, and the workers in short. */
import { useState } from 'preact/hooks';
import type { JobSummary } from '../api/types.ts';
import { formatDuration, formatExact, formatRate, formatTime } from '../format.ts';
import { useCluster } from '../live/cluster-feed.ts';
import { isEnded } from '../live/job-picture.ts';
import { useNow } from '../parts/link-state.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { WorkerStrip } from '../parts/worker-strip.tsx';
import { linkToJob } from '../route.ts';
import { useTitle } from '../title.ts';

/** A data folder that is never cleaned has thousands. */
const MAX_SHOWN = 100;

export function JobsView() {
  const { jobs, workers } = useCluster();
  const nowMs = useNow();
  const [showsAll, setShowsAll] = useState(false);
  useTitle('Jobs');
  const sorted = (jobs ?? []).toSorted(inOrder);
  const shown = showsAll ? sorted : sorted.slice(0, MAX_SHOWN);
  return (
    <>
      <h1>Jobs</h1>
      {jobs === undefined ? <p class="empty">Asking the leader…</p> : null}
      {jobs?.length === 0 ? <div class="empty"><p>There are no jobs yet. One is started so:</p><pre><code>rainstorm run --stages 'filter=completed,aggregate=zone:3' --src trips.csv --dest out</code></pre></div> : null}
      {shown.length === 0 ? null : (
        <div class="table-frame">
          <table class="jobs">
            <thead><tr><th scope="col">Job</th><th scope="col">State</th><th scope="col" class="wide">Stages</th><th scope="col" class="wide end">Source</th><th scope="col" class="wide end">Time</th><th scope="col" class="wide">Destination</th></tr></thead>
            <tbody>{shown.map((job) => <Row key={job.job} job={job} nowMs={nowMs} />)}</tbody>
          </table>
        </div>
      )}
      {sorted.length > shown.length ? <p><button type="button" class="quiet" onClick={() => setShowsAll(true)}>Show all {sorted.length}</button></p> : null}
      {workers === undefined ? null : <WorkerStrip workers={workers} />}
    </>
  );
}

function Row({ job, nowMs }: { readonly job: JobSummary; readonly nowMs: number }) {
  const startMs = Date.parse(job.startedAt);
  const endMs = job.endedAt === undefined ? nowMs : Date.parse(job.endedAt);
  const time = formatDuration(endMs - startMs);
  return (
    <tr>
      <th scope="row">
        <a class="jobs__name" href={linkToJob(job.job)}>{job.job}</a>
        <div class="narrow dim"><Stages job={job} /><span class="num">{isEnded(job.state) ? '' : `${formatRate(job.inRate)}, `}{time}</span></div>
        {job.skippedTuples === 0 ? null : <div class="warn num">{formatExact(job.skippedTuples)} left out</div>}
      </th>
      <td><StateBadge state={job.state} /></td>
      <td class="wide"><Stages job={job} /></td>
      <td class="wide end num">{isEnded(job.state) ? '' : formatRate(job.inRate)}</td>
      <td class="wide end num" title={`started ${formatTime(startMs, nowMs)}`}>{time}</td>
      <td class="wide"><span class="clip" title={job.dest}>{job.dest}</span></td>
    </tr>
  );
}

function Stages({ job }: { readonly job: JobSummary }) {
  const operators = job.stages.slice(1, -1);
  return <span class="chain">{operators.map(({ stage, name, tasks }, index) => <span key={stage}>{index === 0 ? '' : ' → '}<span class="chain__name">{name}</span>{tasks === 1 ? '' : <span class="num dim"> ×{tasks}</span>}</span>)}</span>;
}

/** What lives first, then the newest. */
function inOrder(a: JobSummary, b: JobSummary): number {
  return Number(isEnded(a.state)) - Number(isEnded(b.state)) || Date.parse(b.startedAt) - Date.parse(a.startedAt);
}
