/**
 * `runJob`: a job as a program runs it. Nothing of the process is used but what the program hands in: no signals, no standard
 * streams, no exit. Workers are processes of their own, which end with the job, and within seconds of the program if that dies.
 */
import { Readable } from 'node:stream';
import { systemClock } from '../base/clock.ts';
import type { RainstormError } from '../base/errors.ts';
import { StdinSource } from '../connect/stdin-source.ts';
import { ControlClient } from '../control/client.ts';
import { wantsHeader } from '../job/wants-header.ts';
import { EventRelay } from './event-relay.ts';
import type { JobEvent, JobStatus } from './job-events.ts';
import { JobFailedError } from './job-failed.ts';
import { newJobId } from './job-id.ts';
import { readJobOptions, type AskedJob, type RunJobOptions } from './job-options.ts';
import { LiveJob, type Target } from './live-job.ts';
import { LocalCluster } from './local-cluster.ts';
import { peekHeader } from './peek-header.ts';
import { startWorkers, type WorkerProcess } from './worker-processes.ts';

/** A job that is done. */
export interface JobSummary extends JobStatus {
  /** From the call of `runJob` on. */
  readonly elapsedMs: number;
}

/**
 * Runs a job to its end. Rejects with a `RainstormError` that says what is wrong with it, a `JobFailedError` once it has begun;
 * or with the reason of `signal`, when everything has ended.
 */
export async function runJob(options: RunJobOptions): Promise<JobSummary> {
  const startedAt = systemClock.now();
  options.signal?.throwIfAborted();
  const asked = await readJobOptions(options);
  options.signal?.throwIfAborted();
  const children = options.leader === undefined ? startWorkers(asked.workers, asked.dataDir) : [];
  try {
    const view = await runOn(await findTarget(options, asked, children), asked, options);
    return { ...view, elapsedMs: systemClock.now() - startedAt };
  } finally {
    for (const child of children) child.process.kill('SIGKILL');
  }
}

async function findTarget({ leader }: RunJobOptions, { dataDir, keep }: AskedJob, workers: readonly WorkerProcess[]): Promise<Target> {
  if (leader !== undefined) return { client: new ControlClient(leader.url, leader.token), token: leader.token, cluster: undefined };
  const cluster = await LocalCluster.start({ workers, dataDir, keep });
  return { client: new ControlClient(cluster.url, cluster.token), token: cluster.token, cluster };
}

async function runOn(target: Target, asked: AskedJob, { signal, onEvent }: RunJobOptions): Promise<JobStatus> {
  const stdin = asked.source === undefined ? undefined : new StdinSource(asBytes(asked.source));
  const job = new LiveJob(newJobId(), target, asked);
  const ending = new AbortController();
  const interrupt = () => ending.abort(signal?.reason);
  signal?.addEventListener('abort', interrupt);
  try {
    signal?.throwIfAborted();
    const firstRecord = wantsHeader(asked.spec) ? await peekHeader(stdin, asked.spec, ending.signal) : undefined;
    signal?.throwIfAborted();
    await job.submit(asked.spec, { streams: { stdin, stdout: asked.destination }, firstRecord, workers: asked.workers });
    const listener = onEvent === undefined ? undefined : new Listener(onEvent);
    const relay = listener === undefined ? undefined : new EventRelay(target.client, job.name, (event) => listener.tell(event));
    const relaying = relay?.relay().catch((error: unknown) => ending.abort(error));
    const view = await job.follow(ending.signal, { looked: () => undefined, leaderless: () => undefined });
    if (relaying !== undefined) await relay?.end(relaying);
    if (view.state === 'cancelled' && ending.signal.aborted) throw ending.signal.reason;
    if (view.state !== 'done') throw failureOf(view);
    // Of the last event, which is too late to cancel anything.
    listener?.rethrow();
    return view;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    await stdin?.close();
    await job.end();
    await target.cluster?.end();
  }
}

/** Knows what the listener itself has thrown. */
class Listener {
  readonly #onEvent: (event: JobEvent) => void;
  #thrown: { readonly error: unknown } | undefined;

  constructor(onEvent: (event: JobEvent) => void) {
    this.#onEvent = onEvent;
  }

  tell(event: JobEvent): void {
    try {
      this.#onEvent(event);
    } catch (error) {
      this.#thrown ??= { error };
      throw error;
    }
  }

  rethrow(): void {
    if (this.#thrown !== undefined) throw this.#thrown.error;
  }
}

function failureOf({ job, logs, failure }: JobStatus): RainstormError {
  return new JobFailedError(failure ?? { code: 'CANCELLED', message: `job ${job} was cancelled by somebody else`, stderr: [] }, { job, logs });
}

/** What is read of a source is bytes; a program may have texts. */
function asBytes(stream: Readable): Readable {
  if (!stream.readableObjectMode && stream.readableEncoding === null) return stream;
  const bytes = Readable.from(toBuffers(stream), { objectMode: false });
  return bytes.once('close', () => stream.destroy());
}

async function* toBuffers(stream: Readable): AsyncGenerator<Buffer> {
  for await (const chunk of stream) {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) throw new TypeError(`a source gives bytes or texts, not ${typeof chunk}`);
    yield Buffer.from(chunk as string);
  }
}
