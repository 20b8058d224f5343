/** What the leader answers beside the JSON of `control/routes`: streams, texts and what needs no token. */
import { z } from 'zod';
import type { ErrorCode } from '../base/errors.ts';
import { clusterEvent } from '../control/cluster-event.ts';
import { jobEvent } from '../control/job-event.ts';
import { ALL_EVENTS_PATH, EVENTS_PATH, HEALTH_PATH, LOG_PATH, METRICS_PATH, READY_PATH, type Access } from '../control/routes.ts';
import { MAX_TAIL_LINES } from '../control/log-query.ts';
import { OPENAPI_PATH } from './docs-paths.ts';

export interface RawRoute {
  readonly path: string;
  readonly summary: string;
  readonly access?: Access;
  readonly query?: z.ZodObject;
  /** Of the answer. */
  readonly mediaType: string;
  readonly reply: z.ZodType;
  readonly errors?: readonly ErrorCode[];
}

/** Each by GET. */
export const rawRoutes: readonly RawRoute[] = [
  {
    path: LOG_PATH, mediaType: 'text/plain', reply: z.string(), errors: ['UNKNOWN_JOB', 'UNKNOWN_TASK', 'UNREACHABLE'],
    summary: 'A task\'s log, one event a line. With `follow=1` it goes on until the job has ended; `grep` keeps the lines in which a regular expression matches, `tail` the last of those.',
    query: z.object({ follow: z.literal('1').optional(), grep: z.string().optional(), tail: z.coerce.number().int().min(1).max(MAX_TAIL_LINES).optional() }),
  },
  {
    path: EVENTS_PATH, mediaType: 'text/event-stream', reply: jobEvent, errors: ['UNKNOWN_JOB'],
    summary: 'What happens to a job, as server-sent events, until it has ended. The schema is that of one event: its name and its data.',
  },
  {
    path: ALL_EVENTS_PATH, mediaType: 'text/event-stream', reply: clusterEvent,
    summary: 'All jobs and workers, as server-sent events without an end. The schema is that of one event: its name and its data.',
  },
  { path: METRICS_PATH, mediaType: 'text/plain', reply: z.string(), summary: 'Everything that is measured, in Prometheus\' text format.' },
  { path: OPENAPI_PATH, mediaType: 'application/json', reply: z.looseObject({ openapi: z.string() }), summary: 'This description.' },
  { path: HEALTH_PATH, mediaType: 'application/json', reply: z.object({ ok: z.literal(true) }), access: 'open', summary: 'Whether anybody is there.' },
  { path: READY_PATH, mediaType: 'application/json', reply: z.object({ ready: z.boolean(), reason: z.string().optional() }), access: 'open', summary: 'Whether the leader takes jobs; with status 503 and a reason where it does not yet.' },
];
