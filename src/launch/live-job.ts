/** A job from its submission to its end, as whoever started it follows it. */
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { Submission, WorkerInfo } from '../control/schemas.ts';
import type { JobView } from '../control/views.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { isEndedState } from '../leader/job-record.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';
import type { UserStreams } from '../worker/make-task.ts';
import { Worker } from '../worker/worker.ts';
import { ANY_LOCAL_PORT } from './listen-address.ts';
import type { LocalCluster } from './local-cluster.ts';
import { pruneShares } from './prune-shares.ts';

/** How often the job is looked at while it runs; its end is told at once. */
const LOOK_MS = 250;

/** How long a leader that does not answer is waited for before the job is given up: one may take it over. */
export const LEADERLESS_MS = 30_000;

/** Where the job is sent: a leader of our own with its workers, or one that the user named. */
export interface Target {
  readonly client: ControlClient;
  readonly token: string;
  readonly cluster: LocalCluster | undefined;
}

/** What goes with a job's specification. */
export interface Submitting {
  /** What is read where the source is `-`, and written where the destination is; undefined where it is not. */
  readonly streams: UserStreams;
  /** The header of the stream that is read, where the job needs it. */
  readonly firstRecord: Buffer | undefined;
  readonly workers: number;
}

/** What is told while a job runs. */
export interface Onlooker {
  /** The job as it is, several times a second. */
  looked(view: JobView): void;
  /** The leader does not answer, and is waited for. */
  leaderless(): void;
}

export class LiveJob {
  readonly name: string;
  readonly #target: Target;
  readonly #dataDir: string;
  readonly #keep: KeepLimits;
  #edge: Worker | undefined;

  /** `dataDir`: absolute. */
  constructor(name: string, target: Target, { dataDir, keep }: { readonly dataDir: string; readonly keep: KeepLimits }) {
    this.name = name;
    this.#target = target;
    this.#dataDir = dataDir;
    this.#keep = keep;
  }

  /** The user's streams are a source and a sink in this process, which joins the job's workers for that. Throws what is wrong with the job. */
  async submit(spec: JobSpec, { streams, firstRecord, workers }: Submitting): Promise<void> {
    const edge = await this.#startEdge(streams);
    const submission = {
      job: this.name,
      spec,
      workers,
      ...(firstRecord === undefined ? {} : { stdinFirstRecord: firstRecord.toString('base64') }),
      ...(edge === undefined ? {} : { edgeWorker: edge }),
    };
    await this.#target.client.call(leaderRoutes.submit, submission as Submission);
    if (edge !== undefined) await this.#edge?.join(edge);
  }

  /** Gives the job as it has ended; cancels it when interrupted. Throws UNREACHABLE once the leader is given up. */
  async follow(interrupted: AbortSignal, onlooker: Onlooker): Promise<JobView> {
    const { client } = this.#target;
    const params = { job: this.name };
    let cancelled: Promise<unknown> | undefined;
    const cancel = () => {
      cancelled = client.call(leaderRoutes.cancel, undefined, { params });
    };
    if (interrupted.aborted) cancel();
    else interrupted.addEventListener('abort', cancel);
    for (let state = 'waiting'; ;) {
      const view = await patiently(() => client.call(leaderRoutes.job, undefined, { params, query: { state, waitMs: String(LOOK_MS) } }), interrupted, onlooker);
      onlooker.looked(view);
      if (view.endedAt !== undefined && isEndedState(view.state)) {
        await cancelled;
        return view;
      }
      state = view.state;
    }
  }

  async end(): Promise<void> {
    await this.#edge?.end();
  }

  async #startEdge(streams: UserStreams): Promise<WorkerInfo | undefined> {
    if (streams.stdin === undefined && streams.stdout === undefined) return undefined;
    const { worker, info } = await Worker.start({
      name: `edge-${this.name}`,
      leaderUrl: this.#target.client.url,
      token: this.#target.token,
      dataDir: this.#dataDir,
      shareEnded: () => pruneShares(this.#dataDir, this.#keep),
      listen: ANY_LOCAL_PORT,
      dataListen: ANY_LOCAL_PORT,
      leaderlessMs: LEADERLESS_MS,
      edge: { job: this.name, streams },
      // The next look at the job fails as well, and tells the user.
      lost: () => undefined,
    });
    this.#edge = worker;
    return info;
  }
}

/** A leader that does not answer may be started again, and goes on with the job. */
async function patiently<Reply>(call: () => Promise<Reply>, interrupted: AbortSignal, onlooker: Onlooker): Promise<Reply> {
  const deadline = systemClock.now() + LEADERLESS_MS;
  for (let told = false; ;) {
    try {
      return await call();
    } catch (error) {
      const mayComeBack = error instanceof RainstormError && error.code === 'UNREACHABLE' && systemClock.now() < deadline && !interrupted.aborted;
      if (!mayComeBack) throw error;
      if (!told) onlooker.leaderless();
      told = true;
      await systemClock.wait(LOOK_MS, interrupted);
    }
  }
}
