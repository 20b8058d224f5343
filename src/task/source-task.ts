/**
 * Reads a source and routes its tuples to the first stage.
 *
 * S1 Reading waits while any channel is full, so a slow pipeline slows the source down and memory stays flat.
 * S2 When no task of the first stage wants more, the source ends early, and that is success.
 * S3 The end of what can be read only once goes on only when it is recorded: from then on the task needs its journal alone.
 */
import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { Source } from '../connect/source.ts';
import type { SourceJournal } from '../connect/source-journal.ts';
import type { TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskState, TaskStatus } from '../job/task-status.ts';
import type { SenderEvents } from '../wire/channel-sender.ts';
import type { Lanes } from './lanes.ts';
import type { TaskLog } from './local-log.ts';
import type { Router } from './router.ts';
import type { SourceCheckpoint, SourceCheckpoints } from './source-checkpoints.ts';
import { LoadMeter } from './load-meter.ts';
import { NO_INPUT, failureFrom, type Task } from './task.ts';

export interface SourceTaskOptions {
  readonly ref: TaskRef;
  readonly source: Source;
  /** Of the task: above 1 where another worker had it before. Then it is read on from where that one last was; consumers say what they have. */
  readonly attempt: number;
  /** Undefined where nothing is to survive a crash. */
  readonly checkpoints?: SourceCheckpoints | undefined;
  /** Of a source that can be read only once; `source` reads through it. */
  readonly journal?: SourceJournal | undefined;
  /** What an attempt before has recorded; `source` begins there. */
  readonly recovered?: SourceCheckpoint | undefined;
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly log: TaskLog;
  readonly changed: () => void;
}

export class SourceTask implements Task {
  readonly ref: TaskRef;
  readonly input = NO_INPUT;
  readonly output: SenderEvents;
  readonly #options: SourceTaskOptions;
  #madeRouter: Router | undefined;
  #state: TaskState = 'starting';
  #failure: TaskFailure | undefined;
  #reading: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;
  readonly #load: LoadMeter;

  constructor(options: SourceTaskOptions) {
    this.#options = options;
    this.ref = options.ref;
    options.lanes.attach({
      ready: () => true,
      record: (point) => options.checkpoints?.recordSwitch(point) ?? Promise.resolve(),
      recorded: ({ generation, ordinal }) => {
        options.log.event('SWITCH', `generation=${generation} ordinal=${ordinal}`);
        options.changed();
      },
      failed: (error) => this.#failOn(error),
    });
    // It has no operator that could work.
    this.#load = new LoadMeter(options.clock, () => (this.#state !== 'running' ? 'down' : this.#wake === undefined ? 'waiting' : 'blocked'));
    this.output = {
      acked: () => {
        this.#router.flushIdle();
        this.#options.checkpoints?.acked();
        options.lanes.look();
        if (!this.#router.full) this.#wakeUp();
      },
      done: () => this.#outputDone(),
      stopped: () => {
        this.#options.checkpoints?.acked();
        if (this.#router.unwanted) void this.#endEarly();
      },
    };
  }

  /** Made at the first use, when its channels are there. */
  get #router(): Router {
    return (this.#madeRouter ??= this.#options.lanes.router());
  }

  start(): Promise<void> {
    const { attempt, recovered, log, journal, checkpoints, lanes, clock } = this.#options;
    const from = recovered === undefined ? '' : ` file=${recovered.source.file} offset=${recovered.source.offsetBytes} tuples=${recovered.output.tuples}`;
    log.event(attempt === 1 ? 'START' : 'RESTART', `attempt=${attempt}${from}`);
    void journal?.whenEnded.then(() => this.#noteEnd(journal));
    checkpoints?.begin({ lanes, clock, failed: (error) => this.#failOn(error) });
    this.#setState('running');
    this.#reading = this.#readAll();
    return Promise.resolve();
  }

  rewired(): void {
    this.#outputDone();
    if (!this.#router.full) this.#wakeUp();
  }

  goOver(): void {
    this.#options.lanes.goOver();
  }

  status(): TaskStatus {
    const progress = this.#options.source.progress();
    const { tuples } = this.#router;
    return {
      ...this.ref,
      attempt: this.#options.attempt,
      state: this.#state,
      groups: [],
      inTuples: tuples,
      outTuples: tuples,
      outGeneration: this.#options.lanes.outGeneration,
      switching: this.#options.lanes.switching,
      hotKeys: this.#router.hotKeys,
      load: this.#load.totals(0),
      sourceDoneBytes: progress.doneBytes,
      sourceTotalBytes: progress.totalBytes,
      failure: this.#failure,
    };
  }

  async stop(): Promise<void> {
    this.#options.lanes.end();
    if (this.#state !== 'finished' && this.#state !== 'failed') this.#setState('stopped');
    this.#wakeUp();
    await this.#options.source.close();
    await this.#reading;
    await this.#options.checkpoints?.close();
  }

  async #readAll(): Promise<void> {
    const { source, log } = this.#options;
    try {
      this.#router.restart(this.#options.recovered?.output);
      while (this.#state === 'running') {
        const block = await source.read(this.#router.remaking);
        // Stopped while the block was on its way: nobody would wake it from waiting for room.
        if (block === undefined || this.#state !== 'running') break;
        const router = this.#router;
        log.output(block, router.tuples);
        router.route(block);
        this.#options.checkpoints?.offer(() => this.#where());
        if (router.full && !router.unwanted) await this.#room();
      }
      if (this.#state !== 'running') return;
      // S3: here also where nobody wants more, and the source itself was not at its end.
      await this.#options.journal?.end();
      if (this.#state !== 'running') return;
      this.#setState('draining');
      this.#router.finish();
    } catch (error) {
      this.#failOn(error);
    } finally {
      await source.close();
    }
  }

  /** S3 */
  #noteEnd({ recorded }: SourceJournal): void {
    if (this.#state === 'stopped') return;
    this.#options.log.event('NOTE', `the end of what was read is recorded, behind ${recorded.tuples} tuples: the job can go on without its source from here on`);
  }

  async #endEarly(): Promise<void> {
    this.#options.log.event('NOTE', 'no consumer wants more; the rest of the source is not read');
    this.#wakeUp();
    await this.#options.source.close();
  }

  /** S1 */
  #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    this.#load.look();
    return promise;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
    this.#load.look();
  }

  #outputDone(): void {
    if (this.#state !== 'draining' || !this.#router.done) return;
    this.#options.log.event('END', `out=${this.#router.tuples}`);
    this.#setState('finished');
  }

  #where(): SourceCheckpoint | undefined {
    const source = this.#options.source.position();
    return source === undefined ? undefined : { source, output: this.#router.position };
  }

  #failOn(error: unknown): void {
    if (!(error instanceof RainstormError)) throw error;
    this.#fail(error);
  }

  #fail(error: RainstormError): void {
    if (this.#state === 'stopped') return;
    this.#failure = failureFrom(error);
    this.#options.log.event('FAILED', error.message);
    this.#setState('failed');
  }

  #setState(state: TaskState): void {
    this.#state = state;
    this.#options.changed();
  }
}
