/** A job that this command has sent to its leader, as its user sees it. */
import { isAbsolute, relative, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { resolveDestination } from '../connect/destination.ts';
import type { StdinSource } from '../connect/stdin-source.ts';
import type { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { JobView, Submission, WorkerInfo } from '../control/schemas.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { Worker } from '../worker/worker.ts';
import type { ChaosSummary } from '../leader/chaos-record.ts';
import { formatChaos } from './chaos-summary.ts';
import { ANY_LOCAL_PORT } from './listen-address.ts';
import type { LocalCluster } from './local-cluster.ts';
import { formatError } from './print-error.ts';
import { pruneShares } from './prune-shares.ts';
import { Progress, type ProgressMode } from './progress.ts';
import type { RunOptions } from './run-options.ts';
import { newScaleLines } from './scale-lines.ts';
import { EXIT_INTERRUPTED } from './signals.ts';
import { skippedLine, summaryLine } from './summary.ts';

/** How often the job is looked at while it runs; its end is told at once. */
const LOOK_MS = 250;

/** How long the user's end waits for a leader that does not answer before it gives the job up: one may take it over. */
const LEADERLESS_MS = 30_000;

/** Where the job is sent: a leader of our own with its workers, or one that the user named. */
export interface Target {
  readonly client: ControlClient;
  readonly token: string;
  readonly cluster: LocalCluster | undefined;
}

/** What goes with a job's specification. */
export interface Submitting {
  readonly stdin: StdinSource | undefined;
  /** The header of stdin, where the job needs it. */
  readonly firstRecord: Buffer | undefined;
  readonly workers: number;
}

export class RunningJob {
  readonly #job: string;
  readonly #target: Target;
  readonly #options: RunOptions;
  readonly #progress: Progress;
  readonly #startedAt = systemClock.now();
  #edge: Worker | undefined;
  /** Changes in numbers of tasks that the user has been told of. */
  #scaled: JobView['scaled'] = [];

  constructor(job: string, target: Target, options: RunOptions) {
    this.#job = job;
    this.#target = target;
    this.#options = options;
    this.#progress = new Progress(modeOf(options), process.stderr, this.#startedAt);
  }

  /** The user's stdin and stdout are a source and a sink in this process, which joins the job's workers for that. */
  async submit(spec: JobSpec, { stdin, firstRecord, workers }: Submitting): Promise<void> {
    const { client } = this.#target;
    const edge = await this.#startEdge(spec, stdin);
    const submission = {
      job: this.#job,
      spec,
      workers,
      ...(firstRecord === undefined ? {} : { stdinFirstRecord: firstRecord.toString('base64') }),
      ...(edge === undefined ? {} : { edgeWorker: edge }),
    };
    await client.call(leaderRoutes.submit, submission as Submission);
    if (edge !== undefined) await this.#edge?.join(edge);
  }

  /** Shows progress until the job has ended; cancels it when interrupted. */
  async follow(interrupted: AbortSignal): Promise<JobView> {
    const { client } = this.#target;
    const params = { job: this.#job };
    let cancelled: Promise<unknown> | undefined;
    const cancel = () => {
      cancelled = client.call(leaderRoutes.cancel, undefined, { params });
    };
    if (interrupted.aborted) cancel();
    else interrupted.addEventListener('abort', cancel);
    for (let state = 'waiting'; ;) {
      const view = await patiently(() => client.call(leaderRoutes.job, undefined, { params, query: { state, waitMs: String(LOOK_MS) } }), interrupted);
      this.#tellScaled(view);
      if (view.endedAt !== undefined && isEnded(view)) {
        await cancelled;
        this.#progress.clear();
        return view;
      }
      state = view.state;
      this.#progress.show(view, systemClock.now());
    }
  }

  /** Says how it ended and gives the exit status. */
  conclude(view: JobView, interrupted: boolean): number {
    const { quiet = false, json = false } = this.#options;
    const elapsedMs = systemClock.now() - this.#startedAt;
    // Quiet or not: the result is not that of all the input.
    const skipped = json ? undefined : skippedLine({ ...view, deadLetters: shown(view.deadLetters) });
    if (skipped !== undefined) process.stderr.write(`${skipped}\n`);
    if (json) process.stderr.write(`${JSON.stringify({ event: 'end', elapsedMs: Math.round(elapsedMs), ...view })}\n`);
    if (view.failure !== undefined && view.state === 'failed') {
      const { code, message, hint, stderr } = view.failure;
      const error = new RainstormError(code, message, hint === undefined ? {} : { hint });
      process.stderr.write(`${formatError(error, stderr)}\n  logs: ${shown(view.logs)}\n`);
      return error.exitStatus;
    }
    if (view.state === 'cancelled') {
      process.stderr.write('rainstorm: cancelled\n');
      return interrupted ? EXIT_INTERRUPTED : 1;
    }
    if (json) return 0;
    for (const note of quiet ? view.notes : [...view.notes, ...view.remarks, ...view.scaleAdvice]) process.stderr.write(`rainstorm: ${note}\n`);
    if (!quiet) process.stderr.write(`${summaryLine({ ...view, logs: shown(view.logs) }, elapsedMs)}\n`);
    return 0;
  }

  #tellScaled({ scaled }: JobView): void {
    const { quiet = false, json = false } = this.#options;
    const lines = quiet || json ? [] : newScaleLines(this.#scaled, scaled);
    this.#scaled = scaled;
    if (lines.length > 0) this.#progress.clear();
    for (const line of lines) process.stderr.write(`rainstorm: ${line}\n`);
  }

  get name(): string {
    return this.#job;
  }

  /** What was killed on purpose. */
  tellChaos(summary: ChaosSummary): void {
    const { quiet = false, json = false } = this.#options;
    if (json) process.stderr.write(`${JSON.stringify({ event: 'chaos', ...summary })}\n`);
    else if (!quiet) process.stderr.write(formatChaos(summary));
  }

  async end(): Promise<void> {
    this.#progress.clear();
    await this.#edge?.end();
  }

  async #startEdge(spec: JobSpec, stdin: StdinSource | undefined): Promise<WorkerInfo | undefined> {
    const toStdout = resolveDestination(spec.dest, spec.cwd).kind === 'stdout';
    if (stdin === undefined && !toStdout) return undefined;
    const dataDir = resolve(this.#options.dataDir);
    const { worker, info } = await Worker.start({
      name: `edge-${this.#job}`,
      leaderUrl: this.#target.client.url,
      token: this.#target.token,
      dataDir,
      shareEnded: () => pruneShares(dataDir, this.#options.keep),
      listen: ANY_LOCAL_PORT,
      dataListen: ANY_LOCAL_PORT,
      leaderlessMs: LEADERLESS_MS,
      edge: { job: this.#job, streams: { stdin, stdout: toStdout ? process.stdout : undefined } },
      // The next look at the job fails as well, and tells the user.
      lost: () => undefined,
    });
    this.#edge = worker;
    return info;
  }
}

/** A leader that does not answer may be started again, and goes on with the job. */
async function patiently<Reply>(call: () => Promise<Reply>, interrupted: AbortSignal): Promise<Reply> {
  const deadline = systemClock.now() + LEADERLESS_MS;
  for (let told = false; ;) {
    try {
      return await call();
    } catch (error) {
      const mayComeBack = error instanceof RainstormError && error.code === 'UNREACHABLE' && systemClock.now() < deadline && !interrupted.aborted;
      if (!mayComeBack) throw error;
      if (!told) process.stderr.write(`rainstorm: the leader does not answer; waiting up to ${LEADERLESS_MS / 1000} s for it (rainstorm leader --resume)\n`);
      told = true;
      await systemClock.wait(LOOK_MS, interrupted);
    }
  }
}

function isEnded(view: JobView): boolean {
  return view.state === 'done' || view.state === 'failed' || view.state === 'cancelled';
}

function modeOf(options: RunOptions): ProgressMode {
  if (options.quiet === true) return 'quiet';
  if (options.json === true) return 'json';
  return process.stderr.isTTY ? 'line' : 'plain';
}

/** A path as short as it can be said from here. */
function shown(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere;
}
