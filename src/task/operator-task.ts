/**
 * One copy of a stage's operator between its channels, through all its attempts (attempts.ts).
 *
 * T1 Input is journaled, then acked and fed, in the order of acceptance; the operator sees the end of input when every
 *    producer has ended.
 * T2 The end of its output goes on only after every process exited with an allowed status and stdout was read to its end.
 * T3 An operator that exits with status 0 before its input ended, by no signal of ours, has finished (`head -n 10`): this is
 *    journaled, then producers are told to stop, and what is on its way is acked and dropped.
 * T4 Where all consumers have finished, the operator is let go, and how it ends does not matter.
 * T7 One that is frozen runs no operator and puts nothing out. If its input ends so since successors go on with that, it ends.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskState, TaskStatus } from '../job/task-status.ts';
import type { ReceiverEvents } from '../wire/channel-receiver.ts';
import type { SenderEvents } from '../wire/channel-sender.ts';
import { Attempts } from './attempts.ts';
import { InputFeed } from './input-feed.ts';
import { InputIntake } from './input-intake.ts';
import { LoadMeter, loadStateOf, type LoadState } from './load-meter.ts';
import { NOTHING_RECOVERED, type OperatorTaskOptions, type RecoveredInput } from './operator-task-options.ts';
import { makePoison, type Poison } from './poison.ts';
import type { Router } from './router.ts';
import { SkippedTuples } from './skipped-tuples.ts';
import { failureFrom, type Task } from './task.ts';

export class OperatorTask implements Task {
  readonly ref: TaskRef;
  readonly input: ReceiverEvents;
  readonly output: SenderEvents;
  readonly #options: OperatorTaskOptions;
  readonly #feed: InputFeed;
  readonly #intake: InputIntake;
  readonly #attempts: Attempts;
  readonly #skipped: SkippedTuples;
  readonly #load: LoadMeter;
  /** Undefined where no tuple is left out. */
  readonly #poison: Poison | undefined;
  #frozen = false;
  /** T7: it was asked, and had put something out. */
  #cannotFreeze = false;
  #state: TaskState = 'starting';
  #failure: TaskFailure | undefined;

  constructor(options: OperatorTaskOptions, recovered: RecoveredInput = NOTHING_RECOVERED) {
    this.#options = options;
    this.ref = options.ref;
    const title = `stage ${options.ref.stage} (${options.stage.name}), task ${taskId(options.ref)}`;
    this.#load = new LoadMeter(options.clock, () => this.#loadState());
    this.#skipped = new SkippedTuples(options.stage.inputFormat, recovered.skips, recovered.skipped);
    this.#poison = makePoison({ task: options, title, skipped: this.#skipped, recovered: recovered.skips });
    options.lanes.attach({
      ready: () => this.#attempts.current?.over === false,
      record: (point) => options.journal?.append({ kind: 'switch', point }) ?? Promise.resolve(),
      recorded: ({ generation, ordinal }) => {
        options.log.event('SWITCH', `generation=${generation} ordinal=${ordinal}`);
        options.changed();
      },
      failed: (error) => this.#failOn(error),
    });
    this.#feed = new InputFeed({ ...options, skipped: this.#skipped, failed: (error) => this.#failOn(error), room: () => this.#pump() }, recovered);
    this.#intake = new InputIntake({
      ...options,
      feed: this.#feed,
      over: () => this.#state === 'stopped' || this.#state === 'failed',
      taken: () => this.#pump(),
      failed: (error) => this.#failOn(error),
    }, recovered);
    this.#attempts = new Attempts({
      task: options,
      title,
      feed: this.#feed,
      poison: this.#poison,
      outTuples: recovered.checkpoint?.output.tuples ?? 0,
      running: () => this.#state === 'running',
      frozen: () => this.#frozen,
      room: () => this.#pump(),
      concluded: (router, early) => this.#conclude(router, early),
      failed: (error) => this.#failOn(error),
    });
    this.input = this.#intake.events;
    this.output = {
      acked: () => {
        this.#attempts.current?.roomDownstream();
        options.lanes.look();
        if (this.#frozen) this.#pump();
        if (this.#frozen) this.#options.changed();
        this.#load.look();
        this.#feed.acked();
        this.#poison?.heard();
      },
      done: () => this.#outputDone(),
      stopped: () => this.#attempts.letGoIfUnwanted(),
    };
  }

  async start(): Promise<void> {
    if (this.#state !== 'starting') return;
    this.#setState('running');
    if (this.#intake.discarding) this.#intake.stopProducers();
    const { stage, journal, log } = this.#options;
    if (!stage.contractDeclared && journal !== undefined) log.event('NOTE', `the contract ${stage.contract} is assumed: all input is kept until the job ends`);
    await this.#attempts.start();
    if (this.#frozen) this.#pump();
  }

  rewired(): void {
    this.#intake.producersChanged();
    this.#attempts.current?.roomDownstream();
    this.#pump();
    this.#outputDone();
  }

  /** The stage behind goes on with other tasks. */
  goOver(): void {
    this.#options.lanes.goOver();
  }

  /** T7: its stage is to be rescaled, which only goes while it has put nothing out. `decided`: all its tasks have said so, of which this is the next attempt. */
  freeze(decided: boolean): void {
    if (this.#frozen || this.#isOver) return;
    this.#cannotFreeze = !decided && this.#options.lanes.untouched === false;
    if (!this.#cannotFreeze) {
      this.#frozen = true;
      this.#feed.freeze();
      this.#attempts.current?.kill();
    }
    this.#options.changed();
  }

  /** Nothing comes of that. */
  async thaw(): Promise<void> {
    this.#cannotFreeze = false;
    if (!this.#frozen) return;
    this.#frozen = false;
    this.#feed.thaw();
    await this.#attempts.startAgain();
  }

  status(): TaskStatus {
    return {
      ...this.ref,
      attempt: Math.max(1, this.#attempts.number),
      state: this.#state,
      groups: this.#state === 'running' ? this.#attempts.groups : [],
      inTuples: this.#intake.tuples,
      outTuples: this.#attempts.outTuples,
      stalled: this.#state === 'running' && this.#attempts.stalled,
      outGeneration: this.#options.lanes.outGeneration,
      switching: this.#options.lanes.switching,
      frozen: this.#frozenAnswer,
      skippedTuples: this.#skipped.totals.tuples,
      hotKeys: this.#attempts.router?.hotKeys,
      load: this.#load.totals(this.#feed.backlogBytes),
      failure: this.#failure,
    };
  }

  /** Kills the operator as a fault would, for demonstrations and tests. Gives false when it is not running. */
  killOperator(): boolean {
    return this.#state === 'running' && this.#attempts.killOperator();
  }

  async stop(): Promise<void> {
    if (this.#state === 'starting' || this.#state === 'running' || this.#state === 'draining') this.#setState('stopped');
    this.#options.lanes.end();
    await this.#attempts.stop();
    this.#feed.end();
    await this.#feed.settled();
    await this.#options.journal?.close();
  }

  #pump(): void {
    if (this.#state === 'running') this.#feed.pump();
    this.#options.lanes.look();
    this.#load.look();
    if (this.#frozen) this.#endFrozen();
  }

  get #isOver(): boolean {
    return this.#state === 'stopped' || this.#state === 'failed' || this.#state === 'finished' || this.#state === 'draining';
  }

  /** Undefined where it was not asked, and before it knows. */
  get #frozenAnswer(): boolean | undefined {
    if (this.#cannotFreeze) return false;
    return this.#frozen && this.#attempts.current?.over !== false ? this.#options.lanes.untouched : undefined;
  }

  /** T7 */
  #endFrozen(): void {
    if (this.#state !== 'running' || !this.#feed.ended || !this.#feed.superseded || this.#attempts.current?.over === false) return;
    this.#attempts.forgo();
  }

  #loadState(): LoadState {
    const attempt = this.#attempts.current;
    return this.#state !== 'running' || attempt === undefined ? 'down' : loadStateOf(attempt, this.#feed.backlogBytes);
  }

  /** T2, T3 */
  async #conclude(router: Router, early: boolean): Promise<void> {
    try {
      if (early && this.#state === 'running') await this.#finishEarly(router);
      if (this.#state !== 'running') return;
      this.#setState('draining');
      router.finish();
    } catch (error) {
      this.#failOn(error);
    }
  }

  async #finishEarly(router: Router): Promise<void> {
    if (!router.unwanted) this.#options.log.event('NOTE', 'the operator had enough before its input ended');
    await this.#intake.discard();
  }

  #outputDone(): void {
    const { router } = this.#attempts;
    if (this.#state !== 'draining' || router === undefined || !router.done) return;
    if (this.#feed.superseded) this.#options.log.event('NOTE', 'the stage gets another number of tasks, and this one has handed over');
    this.#options.log.event('END', `in=${this.#intake.tuples} out=${router.tuples}`);
    this.#setState('finished');
  }

  #failOn(error: unknown): void {
    if (!(error instanceof RainstormError)) throw error;
    this.#fail(error);
  }

  #fail(error: RainstormError): void {
    if (this.#state === 'failed' || this.#state === 'stopped' || this.#state === 'finished') return;
    this.#failure = failureFrom(error, this.#attempts.current?.lastWords ?? []);
    this.#options.log.event('FAILED', error.message);
    this.#setState('failed');
    this.#attempts.current?.kill();
  }

  #setState(state: TaskState): void {
    invariant(this.#state !== 'finished' || state === 'finished', 'T2: what has finished stays so');
    this.#state = state;
    this.#options.changed();
  }
}
