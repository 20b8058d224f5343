/** The workers that there are, and waiting for those that are to come. */
import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';
import type { WorkerInfo } from '../control/schemas.ts';
import { Membership } from './membership.ts';
import { WorkerUsages } from './worker-views.ts';

/** A worker reports each second; five missed reports are no hiccup. */
export const WORKER_LEASE_MS = 5_000;

/** How long a job waits for the workers that it wants. */
export const WORKERS_WAIT_MS = 30_000;

/** How long tasks that lost their worker wait for the one that is being started in its place, before they go to the others. */
const REPLACEMENT_WAIT_MS = 1_000;

export const NO_WORKERS_HINT = { hint: 'Start workers with: rainstorm worker --leader URL' };

export class WorkerPool {
  readonly members = new Membership(WORKER_LEASE_MS);
  /** Of those among them that have told. */
  readonly usages = new WorkerUsages();
  readonly #clock: Clock;
  /** Whoever started the workers starts another for each that is lost. */
  readonly #replaces: boolean;
  #joined = Promise.withResolvers<void>();

  constructor(clock: Clock, replaces: boolean) {
    this.#clock = clock;
    this.#replaces = replaces;
  }

  /** Throws WORKER_LOST for a process that was declared lost. */
  register(info: WorkerInfo): void {
    this.members.register(info, this.#clock.now());
    this.wake();
  }

  /** Gives the one that is no member any more. */
  remove(worker: string): WorkerInfo | undefined {
    this.usages.forget(worker);
    return this.members.remove(worker);
  }

  /** Whoever waits looks again. */
  wake(): void {
    this.#joined.resolve();
    this.#joined = Promise.withResolvers<void>();
  }

  /** Those on this machine whose process is gone need not be waited for. */
  dead(): WorkerInfo[] {
    return this.members.all().filter((worker) => worker.hostname === hostname() && worker.startTime !== undefined && !isSameProcessAlive(worker.pid, worker.startTime));
  }

  /** Workers to place tasks on that have lost theirs. Throws NO_WORKERS. */
  async live(wanted: number): Promise<WorkerInfo[]> {
    const never = () => false;
    if (this.#replaces) await this.await(wanted, REPLACEMENT_WAIT_MS, never);
    const workers = await this.await(1, WORKERS_WAIT_MS, never);
    if (workers.length > 0) return workers;
    throw new RainstormError('NO_WORKERS', `the last worker is gone, and none joined within ${WORKERS_WAIT_MS / 1000} s`, NO_WORKERS_HINT);
  }

  /** The workers there are when there are enough, or time is up. */
  async await(wanted: number, waitMs: number, cancelled: () => boolean): Promise<WorkerInfo[]> {
    const deadline = this.#clock.now() + waitMs;
    while (this.members.workers().length < wanted && this.#clock.now() < deadline && !cancelled()) {
      const timer = new AbortController();
      await Promise.race([this.#joined.promise, this.#clock.wait(deadline - this.#clock.now(), timer.signal)]);
      timer.abort();
    }
    return this.members.workers();
  }
}
