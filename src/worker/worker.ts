/** A worker: a process that hosts tasks of jobs and does what the leader says. */
import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { processStartTime } from '../base/process-identity.ts';
import { ControlClient } from '../control/client.ts';
import { checkListenAddress, HttpServer, type ListenAddress, type RouteParams } from '../control/http-server.ts';
import { LOG_PATH, OK, workerRoutes } from '../control/routes.ts';
import type { Deployment, WorkerInfo, WorkerReport } from '../control/schemas.ts';
import { DataListener } from './data-listener.ts';
import { followFile } from './follow-file.ts';
import { JobHost } from './job-host.ts';
import { JobShare } from './job-share.ts';
import { LeaderLink } from './leader-link.ts';
import { NO_STREAMS, type UserStreams } from './make-task.ts';
import { openStore } from './open-store.ts';

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
  /** The leader is gone or refuses this worker; everything here has ended. */
  lost(error: RainstormError): void;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #http: HttpServer;
  readonly #data: DataListener;
  readonly #jobs = new Map<string, JobHost>();
  readonly #shares = new Map<string, JobShare>();
  /** What is being done about a job, one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  #link: LeaderLink | undefined;

  private constructor(options: WorkerOptions) {
    this.#options = options;
    this.#http = new HttpServer(options.token);
    this.#data = new DataListener((job) => this.#jobs.get(job));
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
      known: (jobs) => void this.#leaveJobsExcept(jobs),
      note: (text) => {
        for (const host of this.#jobs.values()) host.note(text);
      },
      lost: (error) => void this.#lost(error),
    });
    await this.#link.start();
  }

  /** Leaves all jobs and stops listening. Resolves when no operator is left. */
  async end(): Promise<void> {
    this.#link?.end();
    await this.#leaveJobsExcept([]);
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
    return {
      jobs: [...this.#jobs.values()].map((host) => ({
        job: host.job,
        tasks: host.status().map((status) => ({ ...status, groups: status.groups.map((group) => ({ ...group })) })),
        ...(host.failure === undefined ? {} : { failure: failureBodyOf(host.failure) }),
      })) as WorkerReport['jobs'],
    };
  }

  #serve(): void {
    this.#http.serve(workerRoutes.deploy, (deployment) => this.#deploy(deployment));
    this.#http.serve(workerRoutes.start, async (_, params, query) => {
      await this.#find(params['job'], query).start();
      return OK;
    });
    this.#http.serve(workerRoutes.publish, async (_, params, query) => {
      await this.#find(params['job'], query).publish();
      return OK;
    });
    this.#http.serve(workerRoutes.end, async (_, params, query) => {
      if (this.#jobs.has(params['job'] ?? '')) this.#find(params['job'], query);
      await this.#endJob(params['job'] ?? '');
      return OK;
    });
    this.#http.serve(workerRoutes.killTask, (_, params) => {
      const task = params['task'] ?? '';
      return { task, pid: this.#find(params['job']).kill(task) };
    });
    this.#http.app.get(LOG_PATH, async (request, reply) => {
      const { job = '', task = '' } = request.params as Record<string, string>;
      const follow = (request.query as Record<string, string>)['follow'] === '1';
      const path = this.#find(job).logPath(task);
      const stream = follow ? followFile(path, () => !this.#jobs.has(job)) : createReadStream(path);
      return reply.type('text/plain').send(stream);
    });
  }

  async #deploy(deployment: Deployment): Promise<typeof OK> {
    await this.#inTurn(deployment.job, async () => {
      const host = this.#jobs.get(deployment.job);
      if (host !== undefined) return host.replace(deployment);
      this.#jobs.set(deployment.job, await this.#makeHost(deployment));
    });
    return OK;
  }

  async #makeHost(deployment: Deployment): Promise<JobHost> {
    const { name, dataDir, edge } = this.#options;
    const store = deployment.store === undefined ? undefined : await openStore(deployment.store, name);
    const share = await JobShare.begin(dataDir, deployment.job, name);
    if (share !== undefined) this.#shares.set(deployment.job, share);
    return JobHost.make({ deployment, worker: name, dataDir, store, streams: edge?.streams ?? NO_STREAMS, changed: () => this.#link?.changed() });
  }

  /** What the leader says again, because no answer reached it, must not be done twice at once. */
  async #inTurn(job: string, action: () => Promise<void>): Promise<void> {
    const before = this.#turns.get(job) ?? Promise.resolve();
    const turn = before.then(action, action);
    this.#turns.set(job, turn);
    try {
      await turn;
    } finally {
      if (this.#turns.get(job) === turn) this.#turns.delete(job);
    }
  }

  /** `query`: of a call that only the job's present leader may make. Throws UNKNOWN_JOB, DEPOSED. */
  #find(job: string | undefined, query?: RouteParams): JobHost {
    const host = this.#jobs.get(job ?? '');
    if (host === undefined) throw new RainstormError('UNKNOWN_JOB', `job ${job} is not known to this worker`);
    if (query !== undefined) host.checkTerm(Number(query['term']));
    return host;
  }

  async #endJob(job: string): Promise<void> {
    await this.#inTurn(job, async () => {
      await this.#jobs.get(job)?.end();
      this.#jobs.delete(job);
      await this.#endShare(job);
    });
  }

  async #leaveJob(job: string): Promise<void> {
    await this.#jobs.get(job)?.leave();
    this.#jobs.delete(job);
    await this.#endShare(job);
  }

  async #endShare(job: string): Promise<void> {
    const share = this.#shares.get(job);
    this.#shares.delete(job);
    await share?.end();
    if (share !== undefined) await this.#options.shareEnded?.();
  }

  /** A job that the leader does not lead is none of ours, whatever became of the message that said so. */
  async #leaveJobsExcept(known: readonly string[]): Promise<void> {
    await Promise.all([...this.#jobs.keys()].filter((job) => !known.includes(job)).map((job) => this.#inTurn(job, () => this.#leaveJob(job))));
  }
}

function failureBodyOf(error: RainstormError): { code: RainstormError['code']; message: string; hint?: string } {
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}
