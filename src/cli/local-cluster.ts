/** The leader in this process and its workers as children: what `rainstorm run` starts when no leader is named. */
import { serveLeader } from '../api/leader-server.ts';
import { systemClock } from '../base/clock.ts';
import type { HttpServer } from '../control/http-server.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';
import { Leader } from '../leader/leader.ts';
import { ANY_LOCAL_PORT } from './listen-address.ts';
import { makeToken } from './token.ts';
import { tellLeader, type WorkerProcess } from './worker-processes.ts';

export interface LocalClusterOptions {
  readonly workers: readonly WorkerProcess[];
  readonly dataDir: string;
  readonly keep: KeepLimits;
}

export class LocalCluster {
  readonly token: string;
  readonly #leader: Leader;
  readonly #server: HttpServer;
  readonly #workers: readonly WorkerProcess[];
  #ending = false;

  private constructor(leader: Leader, server: HttpServer, token: string, workers: readonly WorkerProcess[]) {
    this.token = token;
    this.#leader = leader;
    this.#server = server;
    this.#workers = workers;
    for (const worker of workers) void this.#watch(worker);
  }

  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const token = makeToken();
    const leader = await Leader.start({ dataDir: options.dataDir, token, clock: systemClock, keep: options.keep });
    const server = await serveLeader({ leader, token, tokenGiven: false, listen: ANY_LOCAL_PORT });
    return new LocalCluster(leader, server, token, options.workers);
  }

  get url(): string {
    return this.#server.url;
  }

  /** Cancels what runs, so that no worker hosts anything any more, and ends workers and leader. */
  async end(): Promise<void> {
    await this.#leader.cancelAll();
    this.#ending = true;
    // A worker without a job has nothing left to put in order.
    for (const worker of this.#workers) worker.process.kill('SIGKILL');
    await Promise.all(this.#workers.map((worker) => worker.exited));
    this.#leader.close();
    await this.#server.close();
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
    if (!this.#ending) await this.#leader.workerGone(worker.name, how);
  }
}
