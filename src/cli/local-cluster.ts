/** The leader in this process and its workers as children: what `rainstorm run` starts when no leader is named. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { serveLeader } from '../api/leader-server.ts';
import { systemClock } from '../base/clock.ts';
import type { HttpServer } from '../control/http-server.ts';
import type { KeepLimits } from '../leader/job-folder.ts';
import { Leader } from '../leader/leader.ts';
import { ANY_LOCAL_PORT } from './listen-address.ts';
import { makeToken } from './token.ts';

/** Workers end their operators first, which takes milliseconds; one that takes this long is stuck. */
const WORKER_END_MS = 5_000;

export interface LocalClusterOptions {
  readonly workers: number;
  readonly dataDir: string;
  readonly keep: KeepLimits;
}

interface Child {
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly exited: Promise<unknown>;
}

export class LocalCluster {
  readonly token: string;
  readonly #leader: Leader;
  readonly #server: HttpServer;
  readonly #children: Child[];
  #ending = false;

  private constructor(leader: Leader, server: HttpServer, token: string, options: LocalClusterOptions) {
    this.token = token;
    this.#leader = leader;
    this.#server = server;
    this.#children = Array.from({ length: options.workers }, (_, index) => this.#startWorker(`w${index + 1}`, options.dataDir));
  }

  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    const token = makeToken();
    const leader = await Leader.start({ dataDir: options.dataDir, token, clock: systemClock, keep: options.keep });
    const server = await serveLeader({ leader, token, tokenGiven: false, listen: ANY_LOCAL_PORT });
    return new LocalCluster(leader, server, token, options);
  }

  get url(): string {
    return this.#server.url;
  }

  /** Cancels what runs, ends the workers and then the leader. */
  async end(): Promise<void> {
    await this.#leader.cancelAll();
    this.#ending = true;
    await Promise.all(this.#children.map((child) => endChild(child)));
    this.#leader.close();
    await this.#server.close();
  }

  /** Kills workers and operators without a word: for a user who does not want to wait. */
  kill(): void {
    this.#ending = true;
    this.#leader.killOperators();
    for (const child of this.#children) child.signal('SIGKILL');
  }

  /** A group of its own, so that Ctrl-C in the terminal reaches this process alone, which then ends things in order. */
  #startWorker(name: string, dataDir: string): Child {
    const main = fileURLToPath(new URL('main.js', import.meta.url));
    const child = execa(process.execPath, [main, 'worker', '--leader', this.url, '--name', name, '--data-dir', dataDir], {
      env: { RAINSTORM_TOKEN: this.token },
      stdio: ['ignore', 'ignore', 'inherit'],
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
    });
    const exited = child.then((result) => {
      if (this.#ending) return undefined;
      const how = result.signal === undefined ? `exited with status ${result.exitCode}` : `died of ${result.signal}`;
      return this.#leader.workerGone(name, how);
    });
    return { signal: (signal) => void child.kill(signal), exited };
  }
}

async function endChild(child: Child): Promise<void> {
  child.signal('SIGTERM');
  const timer = setTimeout(() => child.signal('SIGKILL'), WORKER_END_MS);
  await child.exited;
  clearTimeout(timer);
}
