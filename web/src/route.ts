/** Where in the dashboard one is: the part of the address behind `#`, so that each view has a link of its own. */
import { useEffect, useState } from 'preact/hooks';

export type Route =
  | { readonly view: 'jobs' }
  | { readonly view: 'workers' }
  | { readonly view: 'job'; readonly job: string }
  | { readonly view: 'task'; readonly job: string; readonly task: string }
  | { readonly view: 'unknown' };

export function parseRoute(hash: string): Route {
  const [first = '', job, second, task, ...rest] = hash.replace(/^#?\/?/, '').split('/').map(decoded);
  if (first === '' || (first === 'jobs' && job === undefined)) return { view: 'jobs' };
  if (first === 'workers' && job === undefined) return { view: 'workers' };
  if (first !== 'jobs' || job === undefined || job === '' || rest.length > 0) return { view: 'unknown' };
  if (second === undefined) return { view: 'job', job };
  return second === 'tasks' && task !== undefined && task !== '' ? { view: 'task', job, task } : { view: 'unknown' };
}

export const JOBS_LINK = '#/jobs';
export const WORKERS_LINK = '#/workers';

export function linkToJob(job: string): string {
  return `#/jobs/${encodeURIComponent(job)}`;
}

export function linkToTask(job: string, task: string): string {
  return `${linkToJob(job)}/tasks/${encodeURIComponent(task)}`;
}

/** The present one, and the next whenever the address changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    // It may have changed since this was drawn first.
    changed();
    return () => removeEventListener('hashchange', changed);
  }, []);
  return parseRoute(hash);
}

/** An address that somebody has typed may hold anything. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}
