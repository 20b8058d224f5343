/** Every route there is, with the schemas of what goes in and out. Server and client are both made from these. */
import { z } from 'zod';
import type { ErrorCode } from '../base/errors.ts';
import { deployment, submission, workerInfo, workerReport } from './schemas.ts';
import { explainView, historyView, jobView, killedWorker, planView, scaleReply, taskView, workerView } from './views.ts';

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
  /** What may stand behind the path. */
  readonly query?: z.ZodObject;
  /** What it does, for people. */
  readonly summary?: string;
  /** How it fails beyond what every route fails with. */
  readonly errors?: readonly ErrorCode[];
}

type RouteNotes = Pick<Route<unknown, unknown>, 'access' | 'query' | 'summary' | 'errors'>;

/** The body of a call that has none. */
export const nothing = z.union([z.undefined(), z.null()]).transform(() => undefined);
const ok = z.object({ ok: z.literal(true) });

function route<Body, Reply>(
  method: Route<Body, Reply>['method'], path: string, body: z.ZodType<Body>, reply: z.ZodType<Reply>, notes: RouteNotes = {},
): Route<Body, Reply> {
  return { method, path, body, reply, ...notes };
}

const planning = ['CONTRACT', 'OPERATOR_ARGUMENT', 'UNKNOWN_OPERATOR', 'UNKNOWN_COLUMN', 'SOURCE_NOT_FOUND', 'SOURCE_UNREADABLE', 'SOURCE_FORMAT', 'DESTINATION', 'DESTINATION_BUSY', 'STORE_FAILED'] as const;

const changeQuery = z.object({
  /** Answer when the job is no longer in this state … */
  state: jobView.shape.state.optional(),
  /** … or after so many milliseconds. */
  waitMs: z.coerce.number().int().min(0).optional(),
});

const killQuery = z.object({ by: z.literal('chaos').optional() });

/** Answered by the leader. */
export const leaderRoutes = {
  register: route('POST', '/v1/workers', workerInfo, z.object({ leaseMs: z.int() }), { access: 'token', summary: 'A worker joins; it is lost when it has not reported for as long as the lease.', errors: ['WORKER_LOST'] }),
  report: route('POST', '/v1/workers/:worker/report', workerReport, z.object({ jobs: z.array(z.string()) }), { access: 'token', summary: 'How a worker\'s tasks are. The answer names the jobs the leader still knows: a worker ends the others.', errors: ['UNKNOWN_WORKER'] }),
  workers: route('GET', '/v1/workers', nothing, z.array(workerView), { summary: 'The workers that have joined, with what they use.' }),
  killWorker: route('POST', '/v1/workers/:worker/kill', nothing, killedWorker, { summary: 'Kill a worker\'s process with SIGKILL, as a fault would.', errors: ['UNKNOWN_WORKER', 'UNREACHABLE'] }),
  submit: route('POST', '/v1/jobs', submission, z.object({ job: z.string() }), { summary: 'Begin a job. The answer comes when it is planned; what is wrong with it is told here.', errors: planning }),
  jobs: route('GET', '/v1/jobs', nothing, z.array(jobView), { summary: 'The jobs this leader knows.' }),
  job: route('GET', '/v1/jobs/:job', nothing, jobView, { summary: 'One job. With `state` and `waitMs` the answer comes when the state is no longer that, or after so many milliseconds.', query: changeQuery, errors: ['UNKNOWN_JOB'] }),
  cancel: route('DELETE', '/v1/jobs/:job', nothing, ok, { summary: 'Cancel a job; nothing of it appears at its destination.', errors: ['UNKNOWN_JOB'] }),
  tasks: route('GET', '/v1/jobs/:job/tasks', nothing, z.array(taskView), { summary: 'The tasks of a job.', errors: ['UNKNOWN_JOB'] }),
  plan: route('GET', '/v1/jobs/:job/plan', nothing, planView, { summary: 'What a job is made of: stages, channels, contracts and journals.', errors: ['UNKNOWN_JOB'] }),
  history: route('GET', '/v1/jobs/:job/history', nothing, historyView, { summary: 'The rates of a job\'s stages since its start, and what happened to it.', errors: ['UNKNOWN_JOB'] }),
  explain: route('GET', '/v1/jobs/:job/explain', nothing, explainView, { summary: 'What limits a job, with its evidence.', errors: ['UNKNOWN_JOB'] }),
  killTask: route('POST', '/v1/jobs/:job/tasks/:task/kill', nothing, z.object({ task: z.string(), pid: z.int() }), { summary: 'Kill a task\'s operator with SIGKILL, as a fault would. `by=chaos` says in the job\'s history that chaos did it.', query: killQuery, errors: ['UNKNOWN_JOB', 'UNKNOWN_TASK', 'UNREACHABLE'] }),
  scale: route('POST', '/v1/jobs/:job/stages/:stage/scale', z.object({ tasks: z.number() }), scaleReply, { summary: 'Give a stage another number of tasks. The answer comes when it has them.', errors: ['UNKNOWN_JOB', 'UNKNOWN_STAGE', 'NOT_SCALABLE'] }),
  loginLink: route('POST', '/v1/login-links', nothing, z.object({ url: z.string() }), { access: 'token', summary: 'A link that logs one browser in to the dashboard, once.' }),
  logout: route('POST', '/v1/logout', nothing, ok, { summary: 'End the session that the call comes with.' }),
} as const;

/** Answered by every worker. */
export const workerRoutes = {
  deploy: route('POST', '/v1/jobs', deployment, ok),
  start: route('POST', '/v1/jobs/:job/start', nothing, ok),
  publish: route('POST', '/v1/jobs/:job/publish', nothing, ok),
  end: route('DELETE', '/v1/jobs/:job', nothing, ok),
  killTask: route('POST', '/v1/jobs/:job/tasks/:task/kill', nothing, z.object({ task: z.string(), pid: z.int() })),
  kill: route('POST', '/v1/kill', nothing, killedWorker),
} as const;

/** Answered by leader and workers alike, as bytes: a task's log. What of it may be asked for: log-query.ts. */
export const LOG_PATH = '/v1/jobs/:job/tasks/:task/log';

/** Answered by the leader, as server-sent events (job-event.ts), until the job has ended. */
export const EVENTS_PATH = '/v1/jobs/:job/events';

/** The same of all jobs and workers, without an end (cluster-event.ts). */
export const ALL_EVENTS_PATH = '/v1/events';

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
