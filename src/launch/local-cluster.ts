/** The leader in this process and its workers as children: what a job is run by when no leader is named. */
import { serveLeader } from '../api/leader-server.ts';
import { systemClock } from '../base/clock.ts';
import type { HttpServer } from '../control/http-server.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';
import { Leader } from '../leader/leader.ts';
import { ANY_LOCAL_PORT } from './listen-address.ts';
import { makeToken } from './make-token.ts';
import { startWorker, tellLeader, type WorkerProcess } from './worker-processes.ts';

export interface LocalClusterOptions {
  readonly workers: readonly WorkerProcess[];
  readonly dataDir: string;
  readonly keep: KeepLimits;
}

/** Workers that end before they have joined, so many in a row, cannot work here; another would only do the same. */
const MAX_STILLBORN = 3;

export class LocalCluster {
  readonly token: string;
  readonly #leader: Leader;
  readonly #server: HttpServer;
  readonly #dataDir: string;
  readonly #workers: Set<WorkerProcess>;
  #started: number;
  /** Workers in a row that ended before they had joined. */
  #stillborn = 0;
  #ending = false;

  private constructor(leader: Leader, server: HttpServer, token: string, { workers, dataDir }: LocalClusterOptions) {
    this.token = token;
    this.#leader = leader;
    this.#server = server;
    this.#dataDir = dataDir;
    this.#workers = new Set(workers);
    this.#started = workers.length;
    for (const worker of workers) void this.#watch(worker);
  }

  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const token = makeToken();
    const leader = await Leader.start({ dataDir: options.dataDir, token, clock: systemClock, keep: options.keep, replacesWorkers: true });
    const server = await serveLeader({ leader, token, tokenGiven: false, listen: ANY_LOCAL_PORT });
    return new LocalCluster(leader, server, token, options);
  }

  get url(): string {
    return this.#server.url;
  }

  /** Goes on with a job whose processes are all gone. Throws UNKNOWN_JOB, NOT_RESUMABLE. */
  async resume(job: string): Promise<void> {
    await this.#leader.resume(job, false);
  }

  /** Cancels what runs, so that no worker hosts anything any more, and ends workers and leader. */
  async end(): Promise<void> {
    await this.#leader.cancelAll();
    this.#ending = true;
    // A worker without a job has nothing left to put in order.
    for (const worker of this.#workers) worker.process.kill('SIGKILL');
    await Promise.all([...this.#workers].map((worker) => worker.exited));
    this.#leader.close();
    await this.#server.close();
  }

  /** The workers that have joined. */
  workerNames(): string[] {
    return [...this.#workers].filter(({ name, process }) => this.#leader.isMember(name) && !process.killed).map(({ name }) => name);
  }

  /** As a fault would; `how` it came to that, for people. Gives false for one that is not there any more. */
  killWorker(name: string, how: string): boolean {
    const worker = [...this.#workers].find((one) => one.name === name);
    // One that was killed is there until its end has been noticed.
    if (worker === undefined || worker.process.killed) return false;
    const isKilled = worker.process.kill('SIGKILL');
    if (isKilled) this.#leader.workerKilled(name, how);
    return isKilled;
  }

  /** Kills workers and operators without a word: for a user who does not want to wait. */
  kill(): void {
    this.#ending = true;
    this.#leader.killOperators();
    for (const worker of this.#workers) worker.process.kill('SIGKILL');
  }

  async #watch(worker: WorkerProcess): Promise<void> {
    tellLeader(worker, { url: this.url, token: this.token });
    const how = await worker.exited;
    this.#workers.delete(worker);
    if (this.#ending) return;
    this.#stillborn = this.#leader.isMember(worker.name) ? 0 : this.#stillborn + 1;
    this.#replace();
    await this.#leader.workerGone(worker.name, how);
  }

  /** Another worker in the place of one that is gone. Its name is new, since the old one may still be in somebody's mind. */
  #replace(): void {
    if (this.#stillborn >= MAX_STILLBORN) return;
    this.#started += 1;
    const worker = startWorker(`w${this.#started}`, this.#dataDir);
    this.#workers.add(worker);
    void this.#watch(worker);
  }
}
