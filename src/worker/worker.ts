/** A worker: a process that hosts tasks of jobs and does what the leader says. */
import { hostname } from 'node:os';
import { systemClock } from '../base/clock.ts';
import type { RainstormError } from '../base/errors.ts';
import { processStartTime } from '../base/process-identity.ts';
import { ControlClient } from '../control/client.ts';
import { checkListenAddress, HttpServer, type ListenAddress, type RouteParams } from '../control/http-server.ts';
import { parseLogQuery } from '../control/log-query.ts';
import { readLog } from '../control/read-log.ts';
import { LOG_PATH, OK, workerRoutes } from '../control/routes.ts';
import type { Deployment, WorkerInfo, WorkerReport } from '../control/schemas.ts';
import { taskId } from '../job/task-id.ts';
import { DataListener } from './data-listener.ts';
import { JobHost } from './job-host.ts';
import { JobShare } from './job-share.ts';
import { JobHosts } from './job-hosts.ts';
import { LeaderLink } from './leader-link.ts';
import { NO_STREAMS, type UserStreams } from './make-task.ts';
import { OperatorTimes } from './operator-times.ts';
import { openStore } from './open-store.ts';
import { WorkerUsage } from './worker-usage.ts';

export interface WorkerOptions {
  readonly name: string;
  readonly leaderUrl: string;
  readonly token: string;
  readonly dataDir: string;
  readonly listen: ListenAddress;
  readonly dataListen: ListenAddress;
  /** The host under which others reach this worker; the one it listens on by default. */
  readonly advertise?: string | undefined;
  /** Where others connect for tuples, if that is not where this worker listens. */
  readonly advertiseData?: ListenAddress | undefined;
  readonly leaderlessMs: number;
  /** Set in the command that has the user's streams. */
  readonly edge?: { readonly job: string; readonly streams: UserStreams } | undefined;
  /** A job that is led from elsewhere has left what it left in the data folder. */
  readonly shareEnded?: (() => Promise<void>) | undefined;
  /** What the worker does, as its log would have it. */
  readonly said?: ((event: string, details: string) => void) | undefined;
  /** The leader is gone or refuses this worker; everything here has ended. */
  lost(error: RainstormError): void;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #http: HttpServer;
  readonly #data: DataListener;
  readonly #jobs: JobHosts = new JobHosts((deployment) => this.#makeHost(deployment), (job) => this.#endShare(job));
  readonly #shares = new Map<string, JobShare>();
  readonly #times = new OperatorTimes(systemClock);
  readonly #usage = new WorkerUsage(systemClock, this.#times);
  #link: LeaderLink | undefined;

  private constructor(options: WorkerOptions) {
    this.#options = options;
    this.#http = new HttpServer(options.token);
    this.#data = new DataListener((job) => this.#jobs.find(job));
    this.#serve();
  }

  /** Listens and registers with the leader. Throws PORT_IN_USE, LISTEN_REFUSED, UNREACHABLE, WRONG_TOKEN. */
  static async start(options: WorkerOptions): Promise<{ worker: Worker; info: WorkerInfo }> {
    const worker = new Worker(options);
    try {
      return { worker, info: await worker.#start() };
    } catch (error) {
      await worker.end();
      throw error;
    }
  }

  /** Reports to the leader from now on; the command with the user's streams does so after it has submitted its job. */
  async join(info: WorkerInfo): Promise<void> {
    const { leaderUrl, token, leaderlessMs } = this.#options;
    this.#link = new LeaderLink({
      client: new ControlClient(leaderUrl, token),
      info,
      leaderlessMs,
      clock: systemClock,
      report: () => this.#report(),
      known: (jobs) => void this.#jobs.leaveExcept(jobs),
      note: (text) => {
        this.#options.said?.('NOTE', text);
        for (const host of this.#jobs.all) host.note(text);
      },
      lost: (error) => void this.#lost(error),
    });
    await this.#link.start();
  }

  /** Leaves all jobs and stops listening. Resolves when no operator is left. */
  async end(): Promise<void> {
    this.#link?.end();
    await this.#jobs.leaveExcept([]);
    this.#data.close();
    await this.#http.close();
  }

  async #start(): Promise<WorkerInfo> {
    const { listen, dataListen, advertise, advertiseData, name, edge, token } = this.#options;
    const tokenGiven = token !== '';
    checkListenAddress(dataListen, tokenGiven);
    const port = await this.#data.listen(dataListen);
    await this.#http.listen(listen, tokenGiven);
    const url = new URL(this.#http.url);
    if (advertise !== undefined) url.hostname = advertise;
    const startTime = processStartTime(process.pid);
    return {
      worker: name,
      url: url.origin,
      data: advertiseData ?? { host: advertise ?? dataListen.host, port },
      pid: process.pid,
      ...(startTime === undefined ? {} : { startTime }),
      hostname: hostname(),
      ...(edge === undefined ? {} : { edgeOfJob: edge.job }),
    };
  }

  async #lost(error: RainstormError): Promise<void> {
    await this.end();
    this.#options.lost(error);
  }

  #report(): WorkerReport {
    const hosts = this.#jobs.all.map((host) => ({ host, tasks: host.status() }));
    return {
      usage: this.#usage.look(hosts.flatMap(({ tasks }) => tasks.flatMap(({ groups }) => groups.map(({ pid }) => pid)))),
      jobs: hosts.map(({ host, tasks }) => ({
        job: host.job,
        version: host.version,
        tasks: tasks.map((status) => ({ ...this.#times.complete(status), groups: status.groups.map((group) => ({ ...group })) })),
        ...(host.failure === undefined ? {} : { failure: failureBodyOf(host.failure) }),
      })) as WorkerReport['jobs'],
    };
  }

  #serve(): void {
    this.#http.serve(workerRoutes.deploy, async (deployment) => {
      await this.#jobs.deploy(deployment);
      return OK;
    });
    this.#http.serve(workerRoutes.start, async (_, params, query) => {
      await this.#jobs.start(params['job'] ?? '', termOf(query));
      return OK;
    });
    this.#http.serve(workerRoutes.publish, async (_, params, query) => {
      await this.#jobs.publish(params['job'] ?? '', termOf(query));
      return OK;
    });
    this.#http.serve(workerRoutes.end, async (_, params, query) => {
      await this.#jobs.end(params['job'] ?? '', termOf(query));
      return OK;
    });
    this.#http.serve(workerRoutes.killTask, (_, params) => {
      const task = params['task'] ?? '';
      return { task, pid: this.#jobs.get(params['job'] ?? '').kill(task) };
    });
    this.#http.app.post(workerRoutes.kill.path, (_, reply) => {
      // As a fault would: whoever asked is told before, and nobody after.
      reply.raw.once('finish', () => process.kill(process.pid, 'SIGKILL'));
      return { worker: this.#options.name, pid: process.pid };
    });
    this.#http.app.get(LOG_PATH, async (request, reply) => {
      const { job = '', task = '' } = request.params as Record<string, string>;
      const query = parseLogQuery(request.query as Record<string, string>);
      const log = await readLog(this.#jobs.get(job).logPath(task), query, () => this.#jobs.find(job) === undefined);
      return reply.type('text/plain').send(log);
    });
  }

  async #makeHost(deployment: Deployment): Promise<JobHost> {
    const { name, dataDir, edge } = this.#options;
    const store = deployment.store === undefined ? undefined : await openStore(deployment.store, name);
    const share = await JobShare.begin(dataDir, deployment.job, name);
    if (share !== undefined) this.#shares.set(deployment.job, share);
    this.#options.said?.('START', `job=${deployment.job} tasks=${deployment.placement.filter((task) => task.worker === name).map(taskId).join(',')}`);
    return JobHost.make({ deployment, worker: name, dataDir, store, streams: edge?.streams ?? NO_STREAMS, changed: () => this.#link?.changed() });
  }

  async #endShare(job: string): Promise<void> {
    const share = this.#shares.get(job);
    this.#shares.delete(job);
    this.#options.said?.('END', `job=${job}`);
    await share?.end();
    if (share !== undefined) await this.#options.shareEnded?.();
  }
}

/** Of the leader that calls: only the job's present one is listened to. */
function termOf(query: RouteParams): number {
  return Number(query['term']);
}

function failureBodyOf(error: RainstormError): { code: RainstormError['code']; message: string; hint?: string } {
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
