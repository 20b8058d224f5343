/** One job from the leader's door to its result. */
import { randomInt } from 'node:crypto';
import { isAbsolute, relative, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { resolveDestination } from '../connect/destination.ts';
import { StdinSource } from '../connect/stdin-source.ts';
import { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import type { JobView, Submission, WorkerInfo } from '../control/schemas.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { isStdin } from '../leader/prepare-job.ts';
import { Worker } from '../worker/worker.ts';
import { ANY_LOCAL_PORT } from './listen-address.ts';
import { LocalCluster } from './local-cluster.ts';
import { formatError } from './print-error.ts';
import { Progress, type ProgressMode } from './progress.ts';
import type { RunOptions } from './run-options.ts';
import { EXIT_INTERRUPTED, onEndingSignals } from './signals.ts';
import { summaryLine } from './summary.ts';
import { givenToken } from './token.ts';
import type { WorkerProcess } from './worker-processes.ts';

/** How often the job is looked at while it runs; its end is told at once. */
const LOOK_MS = 250;

/** How long the user's end waits for a leader that does not answer before it gives the job up. */
const LEADERLESS_MS = 3_000;

export interface JobRequest {
  readonly spec: JobSpec;
  /** How many workers the job wants. */
  readonly workers: number;
  /** The first record of the source is a header, which has to be known before the job is planned. */
  readonly readsHeader: boolean;
  /** Workers that were started for this job; none where the user named a leader. */
  readonly children: readonly WorkerProcess[];
  readonly options: RunOptions;
}

/** Where the job is sent: a leader of our own with its workers, or one that the user named. */
interface Target {
  readonly client: ControlClient;
  readonly token: string;
  readonly cluster: LocalCluster | undefined;
}

/** Runs the job and gives the exit status. Throws what is wrong with it. */
export async function runJob({ spec, workers, readsHeader, children, options }: JobRequest): Promise<number> {
  const stdin = isStdin(spec) ? new StdinSource(process.stdin) : undefined;
  const target = await findTarget(options, children);
  const interrupted = new AbortController();
  const off = onEndingSignals(() => interrupted.abort(), () => {
    target.cluster?.kill();
    process.exit(EXIT_INTERRUPTED);
  });
  const job = new RunningJob(newJobId(), spec, target, options);
  try {
    const firstRecord = readsHeader ? await peek(stdin, spec, interrupted.signal) : undefined;
    if (interrupted.signal.aborted) return EXIT_INTERRUPTED;
    await job.submit(stdin, firstRecord, workers);
    const view = await job.follow(interrupted.signal);
    return job.conclude(view, interrupted.signal.aborted);
  } finally {
    off();
    await stdin?.close();
    await job.end();
    await target.cluster?.end();
  }
}

/** The header of stdin. Who interrupts while nothing has come yet is not kept waiting. */
async function peek(stdin: StdinSource | undefined, spec: JobSpec, interrupted: AbortSignal): Promise<Buffer | undefined> {
  const close = () => void stdin?.close();
  interrupted.addEventListener('abort', close);
  const record = await stdin?.peekRecord({ format: spec.format ?? 'lines', maxTupleBytes: spec.maxTupleBytes });
  interrupted.removeEventListener('abort', close);
  return record;
}

async function findTarget(options: RunOptions, children: readonly WorkerProcess[]): Promise<Target> {
  if (options.leader === undefined) {
    const cluster = await LocalCluster.start({ workers: children, dataDir: resolve(options.dataDir), keep: options.keep });
    return { client: new ControlClient(cluster.url, cluster.token), token: cluster.token, cluster };
  }
  const token = await givenToken(options.tokenFile);
  if (token === undefined) {
    throw new RainstormError('WRONG_TOKEN', `the leader at ${options.leader} wants a token`, { hint: 'Give it with --token-file FILE or RAINSTORM_TOKEN.' });
  }
  return { client: new ControlClient(options.leader, token), token, cluster: undefined };
}

class RunningJob {
  readonly #job: string;
  readonly #spec: JobSpec;
  readonly #target: Target;
  readonly #options: RunOptions;
  readonly #progress: Progress;
  readonly #startedAt = systemClock.now();
  #edge: Worker | undefined;

  constructor(job: string, spec: JobSpec, target: Target, options: RunOptions) {
    this.#job = job;
    this.#spec = spec;
    this.#target = target;
    this.#options = options;
    this.#progress = new Progress(modeOf(options), process.stderr, this.#startedAt);
  }

  /** The user's stdin and stdout are a source and a sink in this process, which joins the job's workers for that. */
  async submit(stdin: StdinSource | undefined, firstRecord: Buffer | undefined, workers: number): Promise<void> {
    const { client } = this.#target;
    const edge = await this.#startEdge(stdin);
    const submission = {
      job: this.#job,
      spec: this.#spec,
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
      const view = await client.call(leaderRoutes.job, undefined, { params, query: { state, waitMs: String(LOOK_MS) } });
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
    if (json || quiet) return 0;
    for (const note of view.notes) process.stderr.write(`rainstorm: ${note}\n`);
    process.stderr.write(`${summaryLine({ ...view, logs: shown(view.logs) }, elapsedMs)}\n`);
    return 0;
  }

  async end(): Promise<void> {
    this.#progress.clear();
    await this.#edge?.end();
  }

  async #startEdge(stdin: StdinSource | undefined): Promise<WorkerInfo | undefined> {
    const toStdout = resolveDestination(this.#spec.dest, this.#spec.cwd).kind === 'stdout';
    if (stdin === undefined && !toStdout) return undefined;
    const { worker, info } = await Worker.start({
      name: `edge-${this.#job}`,
      leaderUrl: this.#target.client.url,
      token: this.#target.token,
      dataDir: resolve(this.#options.dataDir),
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

/** Begins with the time, so that names sort by age; the tail tells jobs of one second apart. */
function newJobId(): string {
  const time = new Date().toISOString().replaceAll(/[-:]|\..*/g, '').replace('T', '-');
  return `${time}-${randomInt(36 ** 4).toString(36).padStart(4, '0')}`;
}
