/** The leader's HTTP server. */
import { fileURLToPath } from 'node:url';
import type { FastifyRequest } from 'fastify';
import { RainstormError } from '../base/errors.ts';
import { systemClock } from '../base/clock.ts';
import { HttpServer, accessOf, type ListenAddress, type RouteParams } from '../control/http-server.ts';
import { OK, leaderRoutes } from '../control/routes.ts';
import type { JobView } from '../control/views.ts';
import { serveApiDocs } from './api-docs.ts';
import { explanationOf, historyOf, jobsOf, planAnswer, tasksOf } from './job-answers.ts';
import { serveEvents } from './serve-events.ts';
import { serveLogs } from './serve-logs.ts';
import type { Leader } from '../leader/leader.ts';
import { WORKER_LEASE_MS } from '../leader/worker-pool.ts';
import { scaleOnRequest } from '../leader/scale-on-request.ts';
import { viewOfJob } from '../leader/job-view.ts';
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
  /** Jobs that have ended are shown, and nothing is done. */
  readonly onlyEnded?: boolean;
}

/** From the bundle, which is beside it; the sources run as they are, too. */
const BUILT_WEB_FOLDER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../dist/web' : '../../web', import.meta.url));

/** Listens and serves. Throws PORT_IN_USE or LISTEN_REFUSED. */
export async function serveLeader({ leader, token, tokenGiven, listen, webFolder = BUILT_WEB_FOLDER, sessionsPath, onlyEnded = false }: LeaderServerOptions): Promise<HttpServer> {
  const store = sessionsPath === undefined ? undefined : new SessionFile({ path: sessionsPath, token, failed: (why) => leader.log.text('NOTE', why) });
  const login = new WebLogin(new WebSessions(Date.now, store), token);
  const server = new HttpServer(token, login);
  server.app.addHook('onRequest', async (request) => {
    if (accessOf(request) !== 'open') await leader.ready;
  });
  if (onlyEnded) server.app.addHook('onRequest', refuseChanges);
  login.serve(server);
  serveWebFiles(server, login, webFolder);
  serveMonitoring(server, leader, onlyEnded);
  serveApiDocs(server, login);
  serveWorkers(server, leader);
  serveJobs(server, leader);
  serveLogs(server, leader, token);
  serveEvents(server, leader);
  await server.listen(listen, tokenGiven);
  leader.listensAt(server.url);
  return server;
}

/** What is asked of a leader that only shows what there was; logging in and out changes nothing of that. */
async function refuseChanges({ method, routeOptions: { url } }: FastifyRequest): Promise<void> {
  if (method === 'GET' || method === 'HEAD' || url === leaderRoutes.loginLink.path || url === leaderRoutes.logout.path) return;
  throw new RainstormError('NO_LIVE_JOB', 'only jobs that have ended are shown here', { hint: 'rainstorm run starts one.' });
}

function serveWorkers(server: HttpServer, leader: Leader): void {
  server.serve(leaderRoutes.register, (info) => {
    leader.register(info);
    return { leaseMs: WORKER_LEASE_MS };
  });
  server.serve(leaderRoutes.workers, () => leader.workers());
  server.serve(leaderRoutes.killWorker, async (_, params) => {
    const worker = params['worker'] ?? '';
    return { worker, pid: await leader.killWorker(worker) };
  });
  server.serve(leaderRoutes.report, async (report, params) => ({ jobs: await leader.report(params['worker'] ?? '', report) }));
}

function serveJobs(server: HttpServer, leader: Leader): void {
  server.serve(leaderRoutes.submit, async (submission) => ({ job: (await leader.submit(submission)).job }));
  server.serve(leaderRoutes.jobs, () => jobsOf(leader));
  server.serve(leaderRoutes.job, (_, params, query) => jobWhenChanged(leader, params, query));
  server.serve(leaderRoutes.cancel, async (_, params) => {
    await leader.find(params['job'] ?? '').cancel();
    return OK;
  });
  server.serve(leaderRoutes.tasks, (_, params) => tasksOf(leader, params['job'] ?? ''));
  server.serve(leaderRoutes.plan, (_, params) => planAnswer(leader, params['job'] ?? ''));
  server.serve(leaderRoutes.history, (_, params) => historyOf(leader, params['job'] ?? ''));
  server.serve(leaderRoutes.explain, (_, params) => explanationOf(leader, params['job'] ?? ''));
  server.serve(leaderRoutes.killTask, async (_, params, query) => {
    const task = params['task'] ?? '';
    const how = query['by'] === 'chaos' ? 'by chaos' : 'on request';
    return { task, pid: await leader.find(params['job'] ?? '').killTask(task, how) };
  });
  server.serve(leaderRoutes.scale, ({ tasks }, params) => scaleOnRequest(leader.find(params['job'] ?? ''), stageNumber(params['stage'] ?? ''), tasks));
}

function stageNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RainstormError('USAGE', `"${text}" is no number of a stage`);
}

/** With `?state=S&waitMs=M` it answers when the state is no longer S, or after M milliseconds. */
async function jobWhenChanged(leader: Leader, params: RouteParams, query: RouteParams): Promise<JobView> {
  const run = leader.run(params['job'] ?? '');
  if (run === undefined) return await leader.ended.view(params['job'] ?? '');
  const waitMs = Math.min(Number(query['waitMs'] ?? 0) || 0, MAX_WAIT_MS);
  if (waitMs > 0 && run.state === query['state']) {
    const over = new AbortController();
    await Promise.race([run.change(over.signal), systemClock.wait(waitMs, over.signal)]);
    over.abort();
  }
  return viewOfJob(run);
}
