/** A job that this command has sent to its leader, as its user sees it. */
import { isAbsolute, relative, resolve } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import { resolveDestination } from '../connect/destination.ts';
import type { StdinSource } from '../connect/stdin-source.ts';
import type { JobView } from '../control/views.ts';
import type { JobSpec } from '../job/stage-spec.ts';
import { LEADERLESS_MS, LiveJob, type Submitting, type Target } from '../launch/live-job.ts';
import type { ChaosSummary } from '../leader/chaos-record.ts';
import { formatChaos } from './chaos-summary.ts';
import { formatError } from './print-error.ts';
import { Progress, type ProgressMode } from './progress.ts';
import type { RunOptions } from './run-options.ts';
import { newScaleLines } from './scale-lines.ts';
import { EXIT_INTERRUPTED } from './signals.ts';
import { skippedLine, summaryLine } from './summary.ts';

export class RunningJob {
  readonly #job: LiveJob;
  readonly #options: RunOptions;
  readonly #progress: Progress;
  readonly #startedAt = systemClock.now();
  /** Changes in numbers of tasks that the user has been told of. */
  #scaled: JobView['scaled'] = [];

  constructor(job: string, target: Target, options: RunOptions) {
    this.#job = new LiveJob(job, target, { dataDir: resolve(options.dataDir), keep: options.keep });
    this.#options = options;
    this.#progress = new Progress(modeOf(options), process.stderr, this.#startedAt);
  }

  /** The user's stdin and stdout are a source and a sink in this process. */
  async submit(spec: JobSpec, { stdin, ...submitting }: Omit<Submitting, 'streams'> & { readonly stdin: StdinSource | undefined }): Promise<void> {
    const toStdout = resolveDestination(spec.dest, spec.cwd).kind === 'stdout';
    await this.#job.submit(spec, { ...submitting, streams: { stdin, stdout: toStdout ? process.stdout : undefined } });
  }

  /** Shows progress until the job has ended; cancels it when interrupted. */
  async follow(interrupted: AbortSignal): Promise<JobView> {
    const view = await this.#job.follow(interrupted, {
      looked: (now) => {
        this.#tellScaled(now);
        if (now.endedAt === undefined) this.#progress.show(now, systemClock.now());
      },
      leaderless: () => void process.stderr.write(`rainstorm: the leader does not answer; waiting up to ${LEADERLESS_MS / 1000} s for it (rainstorm leader --resume)\n`),
    });
    this.#progress.clear();
    return view;
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
    return this.#job.name;
  }

  /** What was killed on purpose. */
  tellChaos(summary: ChaosSummary): void {
    const { quiet = false, json = false } = this.#options;
    if (json) process.stderr.write(`${JSON.stringify({ event: 'chaos', ...summary })}\n`);
    else if (!quiet) process.stderr.write(formatChaos(summary));
  }

  async end(): Promise<void> {
    this.#progress.clear();
    await this.#job.end();
  }
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
