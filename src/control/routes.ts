/** Every route there is, with the schemas of what goes in and out. Server and client are both made from these. */
import { z } from 'zod';
import { deployment, jobView, scaleReply, submission, taskView, workerInfo, workerReport } from './schemas.ts';

/**
 * Who may call a route: `open`, anybody; `session`, who has the token, or has logged in where there is a login; `token`, only
 * who has the token.
 */
export type Access = 'open' | 'session' | 'token';

export interface Route<Body, Reply> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `:name` for parameters. */
  readonly path: string;
  readonly body: z.ZodType<Body>;
  readonly reply: z.ZodType<Reply>;
  /** `session` where nothing is said. */
  readonly access?: Access;
}

const nothing = z.union([z.undefined(), z.null()]).transform(() => undefined);
const ok = z.object({ ok: z.literal(true) });

function route<Body, Reply>(
  method: Route<Body, Reply>['method'], path: string, body: z.ZodType<Body>, reply: z.ZodType<Reply>, more: Pick<Route<Body, Reply>, 'access'> = {},
): Route<Body, Reply> {
  return { method, path, body, reply, ...more };
}

/** Answered by the leader. */
export const leaderRoutes = {
  register: route('POST', '/v1/workers', workerInfo, z.object({ leaseMs: z.int() }), { access: 'token' }),
  /** The answer names the jobs the leader still knows: a worker ends the others. */
  report: route('POST', '/v1/workers/:worker/report', workerReport, z.object({ jobs: z.array(z.string()) }), { access: 'token' }),
  submit: route('POST', '/v1/jobs', submission, z.object({ job: z.string() })),
  jobs: route('GET', '/v1/jobs', nothing, z.array(jobView)),
  /** With `?state=S&waitMs=M` it answers when the state is no longer S, or after M milliseconds. */
  job: route('GET', '/v1/jobs/:job', nothing, jobView),
  cancel: route('DELETE', '/v1/jobs/:job', nothing, ok),
  tasks: route('GET', '/v1/jobs/:job/tasks', nothing, z.array(taskView)),
  killTask: route('POST', '/v1/jobs/:job/tasks/:task/kill', nothing, z.object({ task: z.string(), pid: z.int() })),
  /** Answered when the stage has that many tasks. */
  scale: route('POST', '/v1/jobs/:job/stages/:stage/scale', z.object({ tasks: z.number() }), scaleReply),
  /** A link that logs one browser in, once. */
  loginLink: route('POST', '/v1/login-links', nothing, z.object({ url: z.string() }), { access: 'token' }),
  /** Ends the session that the call comes with. */
  logout: route('POST', '/v1/logout', nothing, ok),
} as const;

/** Answered by every worker. */
export const workerRoutes = {
  deploy: route('POST', '/v1/jobs', deployment, ok),
  start: route('POST', '/v1/jobs/:job/start', nothing, ok),
  publish: route('POST', '/v1/jobs/:job/publish', nothing, ok),
  end: route('DELETE', '/v1/jobs/:job', nothing, ok),
  killTask: route('POST', '/v1/jobs/:job/tasks/:task/kill', nothing, z.object({ task: z.string(), pid: z.int() })),
} as const;

/** Answered by leader and workers alike, as bytes: a task's log. With `?follow=1` it goes on until the job has ended. */
export const LOG_PATH = '/v1/jobs/:job/tasks/:task/log';

/** Answered by the leader, as server-sent events (job-event.ts), until the job has ended. */
export const EVENTS_PATH = '/v1/jobs/:job/events';

/** Without a token: is anybody there? */
export const HEALTH_PATH = '/healthz';

/** Without a token: can the leader take jobs? */
export const READY_PATH = '/readyz';

/** Answered by the leader, in Prometheus' text format. */
export const METRICS_PATH = '/metrics';

export const OK = { ok: true } as const;

/** Puts parameters into a path. */
export function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}
