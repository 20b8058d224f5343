/** The leader's HTTP server. */
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RainstormError } from '../base/errors.ts';
import { systemClock } from '../base/clock.ts';
import { ControlClient } from '../control/client.ts';
import { HttpServer, accessOf, type ListenAddress, type RouteParams } from '../control/http-server.ts';
import { EVENTS_PATH, LOG_PATH, OK, leaderRoutes } from '../control/routes.ts';
import type { JobView } from '../control/schemas.ts';
import { serveApiDocs } from './api-docs.ts';
import { asServerSentEvents, jobEvents } from './job-events.ts';
import { WORKER_LEASE_MS, type Leader } from '../leader/leader.ts';
import { scaleOnRequest } from '../leader/scale-on-request.ts';
import { viewOfJob, viewOfTasks } from '../leader/job-view.ts';
import { serveMonitoring } from './monitoring.ts';
import { SessionFile } from './session-file.ts';
import { serveWebFiles } from './web-files.ts';
import { WebLogin } from './web-login.ts';
import { WebSessions } from './web-sessions.ts';

/** A caller may ask to be answered when something changes, but not to be kept for ever. */
const MAX_WAIT_MS = 5_000;

export interface LeaderServerOptions {
  readonly leader: Leader;
  readonly token: string;
  readonly tokenGiven: boolean;
  readonly listen: ListenAddress;
  /** The dashboard, as it was built. */
  readonly webFolder?: string;
  /** Where browsers that have logged in are remembered for the next leader with this token. */
  readonly sessionsPath?: string;
}

/** From the bundle, which is beside it; the sources run as they are, too. */
const BUILT_WEB_FOLDER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/web' : '../../web', import.meta.url));

/** Listens and serves. Throws PORT_IN_USE or LISTEN_REFUSED. */
export async function serveLeader({ leader, token, tokenGiven, listen, webFolder = BUILT_WEB_FOLDER, sessionsPath }: LeaderServerOptions): Promise<HttpServer> {
  const store = sessionsPath === undefined ? undefined : new SessionFile({ path: sessionsPath, token, failed: (why) => leader.log.text('NOTE', why) });
  const login = new WebLogin(new WebSessions(Date.now, store), token);
  const server = new HttpServer(token, login);
  server.app.addHook('onRequest', async (request) => {
    if (accessOf(request) !== 'open') await leader.ready;
  });
  login.serve(server);
  serveWebFiles(server, login, webFolder);
  serveMonitoring(server, leader);
  serveApiDocs(server, login);
  serveWorkers(server, leader);
  serveJobs(server, leader);
  serveLogs(server, leader, token);
  serveEvents(server, leader);
  await server.listen(listen, tokenGiven);
  leader.listensAt(server.url);
  return server;
}

function serveWorkers(server: HttpServer, leader: Leader): void {
  server.serve(leaderRoutes.register, (info) => {
    leader.register(info);
    return { leaseMs: WORKER_LEASE_MS };
  });
  server.serve(leaderRoutes.report, async (report, params) => ({ jobs: await leader.report(params['worker'] ?? '', report) }));
}

function serveJobs(server: HttpServer, leader: Leader): void {
  server.serve(leaderRoutes.submit, async (submission) => ({ job: (await leader.submit(submission)).job }));
  server.serve(leaderRoutes.jobs, () => leader.runs().map(viewOfJob));
  server.serve(leaderRoutes.job, (_, params, query) => jobWhenChanged(leader, params, query));
  server.serve(leaderRoutes.cancel, async (_, params) => {
    await leader.find(params['job'] ?? '').cancel();
    return OK;
  });
  server.serve(leaderRoutes.tasks, (_, params) => viewOfTasks(leader.find(params['job'] ?? '')));
  server.serve(leaderRoutes.killTask, async (_, params) => {
    const task = params['task'] ?? '';
    return { task, pid: await leader.find(params['job'] ?? '').killTask(task) };
  });
  server.serve(leaderRoutes.scale, ({ tasks }, params) => scaleOnRequest(leader.find(params['job'] ?? ''), stageNumber(params['stage'] ?? ''), tasks));
}

function stageNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RainstormError('USAGE', `"${text}" is no number of a stage`);
}

/** With `?state=S&waitMs=M` it answers when the state is no longer S, or after M milliseconds. */
async function jobWhenChanged(leader: Leader, params: RouteParams, query: RouteParams): Promise<JobView> {
  const run = leader.find(params['job'] ?? '');
  const waitMs = Math.min(Number(query['waitMs'] ?? 0) || 0, MAX_WAIT_MS);
  if (waitMs > 0 && run.state === query['state']) {
    const over = new AbortController();
    await Promise.race([run.change(over.signal), systemClock.wait(waitMs, over.signal)]);
    over.abort();
  }
  return viewOfJob(run);
}

/** A task's log lies with the worker that hosts it; the leader only hands it through. */
function serveLogs(server: HttpServer, leader: Leader, token: string): void {
  server.app.get(LOG_PATH, async (request, reply) => {
    const { job = '', task = '' } = request.params as Record<string, string>;
    const follow = (request.query as Record<string, string>)['follow'] === '1';
    const worker = leader.find(job).workerOf(task);
    if (worker === undefined) throw new RainstormError('UNKNOWN_TASK', `job ${job} has no task ${task}`, { hint: 'rainstorm tasks lists them.' });
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const bytes = await new ControlClient(worker.url, token).log(job, task, follow, gone.signal);
    return reply.type('text/plain').send(Readable.from(bytes));
  });
}

function serveEvents(server: HttpServer, leader: Leader): void {
  server.app.get(EVENTS_PATH, async (request, reply) => {
    const run = leader.find((request.params as Record<string, string>)['job'] ?? '');
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const lines = asServerSentEvents(jobEvents(run, systemClock, gone.signal));
    return reply.type('text/event-stream').header('cache-control', 'no-store').send(Readable.from(lines, { objectMode: false }));
  });
}
