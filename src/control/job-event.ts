/** What happens to a job, as the leader tells whoever follows it. */
import { z } from 'zod';
import { jobView, mark, scaleRecord, taskView } from './views.ts';

const rates = { inRate: z.number(), outRate: z.number(), busyShare: z.number(), blockedShare: z.number(), backlogBytes: z.number() };

export const jobEvent = z.discriminatedUnion('event', [
  /** First of all: the job as it is. */
  z.object({ event: z.literal('job'), data: jobView }),
  /** It has changed. */
  z.object({ event: z.literal('state'), data: jobView.pick({ state: true, failure: true }) }),
  /** Each second while the job runs, unless the client is behind. Of stages and tasks, as `tasks` shows them. */
  z.object({
    event: z.literal('rates'),
    data: z.object({
      /** Since the Unix epoch, in milliseconds. */
      atMs: z.number(),
      stages: z.array(z.object({ stage: z.int(), tasks: z.int(), ...rates })),
      tasks: z.array(z.object({ stage: z.int(), index: z.int(), state: taskView.shape.state, ...rates })),
    }),
  }),
  /** A task is under a greater attempt than it was. */
  z.object({ event: z.literal('restart'), data: z.object({ stage: z.int(), index: z.int(), attempt: z.int(), worker: z.string() }) }),
  /** Something has happened that the job's history has, too. */
  z.object({ event: z.literal('mark'), data: mark }),
  /** A change in a number of tasks has begun, or has ended. */
  z.object({ event: z.literal('scale'), data: scaleRecord }),
  /** How many tasks a stage should have; nothing is done about it. */
  z.object({ event: z.literal('advice'), data: z.object({ stage: z.int(), text: z.string() }) }),
  /** The client was so far behind that as many events were left out here. */
  z.object({ event: z.literal('lost'), data: z.object({ events: z.int() }) }),
]);
export type JobEvent = z.infer<typeof jobEvent>;
