/** What a leader tells whoever follows all that it leads. */
import { z } from 'zod';
import { jobSummary, workerView } from './views.ts';

export const clusterEvent = z.discriminatedUnion('event', [
  /** First of all, and whenever it has changed, at most once a second: the jobs, the newest first. */
  z.object({ event: z.literal('jobs'), data: z.array(jobSummary) }),
  /** Each second. */
  z.object({ event: z.literal('workers'), data: z.array(workerView) }),
]);
export type ClusterEvent = z.infer<typeof clusterEvent>;
