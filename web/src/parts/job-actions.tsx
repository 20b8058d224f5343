/** What can be done to a job, a task or a worker, each with what it means. */
import { call } from '../api/call.ts';
import { ActionButton } from './action-button.tsx';

export function CancelButton({ job }: { readonly job: string }) {
  const act = async () => {
    await call(`/v1/jobs/${encodeURIComponent(job)}`, { method: 'DELETE' });
    return `Job ${job} is cancelled.`;
  };
  return (
    <ActionButton label="Cancel job…" title="Cancel this job?" confirm="Cancel the job" danger act={act}>
      <p>It ends at once, nothing is written to its destination, and it cannot be resumed.</p>
    </ActionButton>
  );
}

export function KillTaskButton({ job, task, impossible }: { readonly job: string; readonly task: string; readonly impossible?: string | undefined }) {
  const act = async () => {
    const { pid } = await call<{ pid: number }>(`/v1/jobs/${encodeURIComponent(job)}/tasks/${encodeURIComponent(task)}/kill`, { method: 'POST' });
    return `Killed task ${task}, pid ${pid}.`;
  };
  return (
    <ActionButton label="Kill task…" title={`Kill task ${task}?`} confirm="Kill it" danger impossible={impossible} act={act}>
      <p>Its operator is killed as a fault would, with SIGKILL. It is started again and goes on where it was; the result is the same.</p>
    </ActionButton>
  );
}

export function KillWorkerButton({ worker, impossible }: { readonly worker: string; readonly impossible?: string | undefined }) {
  const act = async () => {
    const { pid } = await call<{ pid: number }>(`/v1/workers/${encodeURIComponent(worker)}/kill`, { method: 'POST' });
    return `Killed worker ${worker}, pid ${pid}.`;
  };
  return (
    <ActionButton label="Kill…" spoken={`Kill worker ${worker}…`} title={`Kill worker ${worker}?`} confirm="Kill it" danger small impossible={impossible} act={act}>
      <p>Its process is killed as a fault would, with SIGKILL, and its operators with it. Its tasks go on with other workers, as long as there are any.</p>
    </ActionButton>
  );
}
