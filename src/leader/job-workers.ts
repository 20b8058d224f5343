/** The workers that host a job's tasks, and what the leader says to them. */
import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { ControlClient } from '../control/client.ts';
import type { WorkerInfo } from '../control/schemas.ts';

/** A worker that does not answer is asked again this often until it does, or is declared lost. */
const RETRY_MS = 100;

/** Longer than a worker needs to be declared lost: one that reports and does not answer cannot be worked with. */
const UNANSWERED_MS = 30_000;

/** What is said to one worker. */
export type WorkerClient = Pick<ControlClient, 'call'>;

/** The query of a call to a worker. */
export interface LeaderTerm extends Readonly<Record<string, string>> {
  readonly term: string;
}

export class JobWorkers {
  readonly #connect: (info: WorkerInfo) => WorkerClient;
  readonly #from: LeaderTerm;
  readonly #clock: Clock;
  readonly #workers = new Map<string, WorkerInfo>();

  /** `term`: of this job's leader, with which it says who it is. */
  constructor(connect: (info: WorkerInfo) => WorkerClient, term: number, clock: Clock) {
    this.#connect = connect;
    this.#from = { term: String(term) };
    this.#clock = clock;
  }

  /** What calls are made with, so that nobody listens to a leader that was deposed. */
  get from(): LeaderTerm {
    return this.#from;
  }

  get all(): WorkerInfo[] {
    return [...this.#workers.values()];
  }

  add(info: WorkerInfo): void {
    this.#workers.set(info.worker, info);
  }

  remove(info: WorkerInfo): void {
    this.#workers.delete(info.worker);
  }

  has(worker: string): boolean {
    return this.#workers.has(worker);
  }

  find(worker: string): WorkerInfo | undefined {
    return this.#workers.get(worker);
  }

  client(info: WorkerInfo): WorkerClient {
    return this.#connect(info);
  }

  /**
   * Says something to all. Gives false when one of them was lost meanwhile, or `isCurrent` is false: then what was said has
   * not reached everybody. Throws what a worker refuses it for, and UNREACHABLE for one that is there and does not answer.
   */
  async tell(say: (client: WorkerClient, from: LeaderTerm) => Promise<unknown>, isCurrent: () => boolean): Promise<boolean> {
    const told = await Promise.all(this.all.map((info) => this.#tellOne(info, say, isCurrent)));
    return told.every(Boolean);
  }

  async #tellOne(info: WorkerInfo, say: (client: WorkerClient, from: LeaderTerm) => Promise<unknown>, isCurrent: () => boolean): Promise<boolean> {
    const deadline = this.#clock.now() + UNANSWERED_MS;
    while (this.#workers.get(info.worker) === info && isCurrent()) {
      try {
        await say(this.client(info), this.#from);
        return true;
      } catch (error) {
        if (!(error instanceof RainstormError)) throw error;
        if (error.code !== 'UNREACHABLE' || this.#clock.now() > deadline) return this.#failure(info, error);
        await this.#clock.wait(RETRY_MS);
      }
    }
    return false;
  }

  /** What a worker says that has been lost meanwhile does not count. */
  #failure(info: WorkerInfo, error: RainstormError): false {
    if (this.#workers.get(info.worker) === info) throw error;
    return false;
  }
}
