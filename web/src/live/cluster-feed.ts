/** Jobs and workers as they are, each second. */
import { useEffect, useState } from 'preact/hooks';
import { followEvents } from '../api/event-stream.ts';
import type { JobSummary, WorkerView } from '../api/types.ts';
import { linkIs } from './link.ts';

export interface ClusterPicture {
  /** Undefined until the leader has told. */
  readonly jobs?: readonly JobSummary[];
  readonly workers?: readonly WorkerView[];
  /** When it did. */
  readonly atMs: number;
}

export function useCluster(): ClusterPicture {
  const [picture, setPicture] = useState<ClusterPicture>({ atMs: Date.now() });
  useEffect(() => {
    linkIs.connecting();
    return followEvents('/v1/events', {
      batch: (events) => setPicture((before) => {
        const last = (name: string) => events.findLast(({ event }) => event === name)?.data;
        const jobs = last('jobs') as readonly JobSummary[] | undefined;
        const workers = last('workers') as readonly WorkerView[] | undefined;
        return { ...before, ...(jobs === undefined ? {} : { jobs }), ...(workers === undefined ? {} : { workers }), atMs: Date.now() };
      }),
      opened: linkIs.live,
      lost: linkIs.lost,
      expired: linkIs.expired,
      // It goes on as long as there is a leader: who ends it is one that ends itself.
      ended: linkIs.lost,
    });
  }, []);
  return picture;
}
