/** The jobs on one worker: what leaders say of each is done in turn, and nothing that an older leader of the job says, or that comes behind its end. */
import { RainstormError } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import type { JobHost } from './job-host.ts';

/** So many jobs that have ended are remembered: what was said of one before its end is not under way until so many others have ended. */
const MAX_ENDED = 1_000;

export class JobHosts {
  readonly #make: (deployment: Deployment) => Promise<JobHost>;
  readonly #gone: (job: string) => Promise<void>;
  readonly #hosts = new Map<string, JobHost>();
  /** What is being done about a job, one after the other. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** The last deployment of each job that could not be brought about: its attempts have had their one chance to open their logs. */
  readonly #failed = new Map<string, { readonly version: number; readonly error: unknown }>();
  /** The terms under which jobs were ended here, the last ended last. */
  readonly #ended = new Map<string, number>();

  /** `gone`: called when a job is no longer here, before it can be deployed again. */
  constructor(make: (deployment: Deployment) => Promise<JobHost>, gone: (job: string) => Promise<void>) {
    this.#make = make;
    this.#gone = gone;
  }

  get all(): JobHost[] {
    return [...this.#hosts.values()];
  }

  find(job: string): JobHost | undefined {
    return this.#hosts.get(job);
  }

  /** Throws UNKNOWN_JOB. */
  get(job: string): JobHost {
    const host = this.#hosts.get(job);
    if (host === undefined) throw new RainstormError('UNKNOWN_JOB', `job ${job} is not known to this worker`);
    return host;
  }

  /** Throws DEPOSED, or what a task cannot be made for. */
  async deploy(deployment: Deployment): Promise<void> {
    await this.#inTurn(deployment.job, async () => {
      if (this.#comesLate(deployment)) return;
      const failed = this.#failed.get(deployment.job);
      if (failed !== undefined && failed.version >= deployment.version) throw failed.error;
      try {
        await this.#bringAbout(deployment);
      } catch (error) {
        this.#failed.set(deployment.job, { version: deployment.version, error });
        throw error;
      }
    });
  }

  /** `term`: of the leader that says so. Throws UNKNOWN_JOB, DEPOSED. */
  async start(job: string, term: number): Promise<void> {
    await this.#ledBy(job, term).start();
  }

  /** `term`: of the leader that says so. Throws UNKNOWN_JOB, DEPOSED, SINK_FAILED. */
  async publish(job: string, term: number): Promise<void> {
    await this.#ledBy(job, term).publish();
  }

  /** `term`: of the leader that says so. A job that is not here has ended here. Throws DEPOSED. */
  async end(job: string, term: number): Promise<void> {
    this.#hosts.get(job)?.checkTerm(term);
    await this.#inTurn(job, async () => {
      this.#rememberEnd(job, term);
      await this.#hosts.get(job)?.end();
      await this.#forget(job);
    });
  }

  /** A job that the leader does not lead is none of ours, whatever became of the message that said so. */
  async leaveExcept(known: readonly string[]): Promise<void> {
    for (const job of this.#failed.keys()) if (!known.includes(job)) this.#failed.delete(job);
    await Promise.all([...this.#hosts.keys()].filter((job) => !known.includes(job)).map((job) => this.#inTurn(job, () => this.#leave(job))));
  }

  /**
   * A deployment may come behind the end of its job: it was late, or is from a leader that does not know yet that it was
   * deposed. The job's journals are gone by then, so nothing else would keep its tasks from beginning anew. Throws DEPOSED.
   */
  #comesLate({ job, term }: Deployment): boolean {
    const ended = this.#ended.get(job) ?? 0;
    if (term < ended) throw new RainstormError('DEPOSED', `job ${job} was ended under term ${ended}, and is not led under term ${term} any more`);
    return term === ended;
  }

  #rememberEnd(job: string, term: number): void {
    const ended = Math.max(term, this.#ended.get(job) ?? 0);
    this.#ended.delete(job);
    this.#ended.set(job, ended);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  async #bringAbout(deployment: Deployment): Promise<void> {
    const host = this.#hosts.get(deployment.job);
    if (host !== undefined) return await host.replace(deployment);
    this.#hosts.set(deployment.job, await this.#make(deployment));
  }

  #ledBy(job: string, term: number): JobHost {
    const host = this.get(job);
    host.checkTerm(term);
    return host;
  }

  async #leave(job: string): Promise<void> {
    await this.#hosts.get(job)?.leave();
    await this.#forget(job);
  }

  async #forget(job: string): Promise<void> {
    this.#hosts.delete(job);
    this.#failed.delete(job);
    await this.#gone(job);
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
}
