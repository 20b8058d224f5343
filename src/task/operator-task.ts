/**
 * One copy of a stage's operator between its channels, through all its attempts.
 *
 * T1 Input is journaled, then acked and fed, in the order of acceptance; the operator sees the end of input when every
 *    producer has ended.
 * T2 The end of its output goes on only after every process exited with an allowed status and stdout was read to its end.
 * T3 An operator that exits with status 0 before its input ended, by no signal of ours, has finished (`head -n 10`): this is
 *    journaled, then producers are told to stop, and what is on its way is acked and dropped.
 * T4 Where all consumers have finished, the operator is let go, and how it ends does not matter.
 * T5 An operator that crashes is started again from the last checkpoint, or the beginning, and fed its journal from there;
 *    what it prints again is dropped as far as the consumers have it. Everybody else keeps running. A loop of crashes fails
 *    the job, unless it is a tuple that it dies of and the stage has that left out (poison.ts).
 * T6 Where output is held until it is recorded, its end is recorded with the last of it: from then on the operator is not
 *    started again, and only then the output ends.
 * T7 One that is frozen runs no operator and puts nothing out. If its input ends so since successors go on with that, it ends.
 */
import { RainstormError, invariant } from '../base/errors.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskState, TaskStatus } from '../job/task-status.ts';
import type { ReceiverEvents } from '../wire/channel-receiver.ts';
import type { SenderEvents } from '../wire/channel-sender.ts';
import type { Outcome } from './attempt-options.ts';
import { CrashRecord } from './crash-record.ts';
import { describeExit, type MemberExit } from './exit-verdict.ts';
import { InputFeed } from './input-feed.ts';
import { InputIntake } from './input-intake.ts';
import type { RecordedCheckpoint } from './input-journal.ts';
import { letGo } from './let-go.ts';
import { LoadMeter, loadStateOf } from './load-meter.ts';
import { makeAttempt, openOutlet, type AttemptStart } from './make-attempt.ts';
import type { OperatorAttempt } from './operator-attempt.ts';
import { NOTHING_RECOVERED, type OperatorTaskOptions, type RecoveredInput } from './operator-task-options.ts';
import { makePoison, type Poison } from './poison.ts';
import type { Router } from './router.ts';
import { SkippedTuples } from './skipped-tuples.ts';
import type { StallReport } from './stall-report.ts';
import { failureFrom, type Task } from './task.ts';

export class OperatorTask implements Task {
  readonly ref: TaskRef;
  readonly input: ReceiverEvents;
  readonly output: SenderEvents;
  readonly #options: OperatorTaskOptions;
  readonly #title: string;
  readonly #feed: InputFeed;
  readonly #intake: InputIntake;
  readonly #crashes: CrashRecord;
  readonly #skipped: SkippedTuples;
  readonly #load: LoadMeter;
  /** Undefined where no tuple is left out. */
  readonly #poison: Poison | undefined;
  /** No process of the last attempt is left. */
  #gone = Promise.withResolvers<void>();
  #frozen = false;
  /** T7: it was asked, and had put something out. */
  #cannotFreeze = false;
  #attempt: OperatorAttempt | undefined;
  /** Of an attempt that is being made: it may be reading the journal. */
  #preparing: Promise<unknown> | undefined;
  /** Of the attempt, or of the output that a complete one has left. */
  #router: Router | undefined;
  #stall: StallReport | undefined;
  #attempts: number;
  #state: TaskState = 'starting';
  #failure: TaskFailure | undefined;
  #outTuples: number;

  constructor(options: OperatorTaskOptions, recovered: RecoveredInput = NOTHING_RECOVERED) {
    this.#options = options;
    this.ref = options.ref;
    this.#title = `stage ${options.ref.stage} (${options.stage.name}), task ${taskId(options.ref)}`;
    this.#attempts = options.attempt - 1;
    this.#crashes = new CrashRecord(options.stage.maxRestarts);
    this.#load = new LoadMeter(options.clock, () => (this.#state !== 'running' || this.#attempt === undefined ? 'down' : loadStateOf(this.#attempt, this.#feed.backlogBytes)));
    this.#skipped = new SkippedTuples(options.stage.inputFormat, recovered.skips, recovered.skipped);
    this.#poison = makePoison({ task: options, title: this.#title, skipped: this.#skipped, recovered: recovered.skips });
    options.lanes.attach({
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
    this.#outTuples = recovered.checkpoint?.output.tuples ?? 0;
    this.input = this.#intake.events;
    this.output = {
      acked: () => {
        this.#attempt?.roomDownstream();
        options.lanes.look();
        if (this.#frozen) this.#pump();
        if (this.#frozen) this.#options.changed();
        this.#load.look();
        this.#feed.acked();
        this.#poison?.heard();
      },
      done: () => this.#outputDone(),
      stopped: () => this.#letGoIfUnwanted(),
    };
  }

  async start(): Promise<void> {
    if (this.#state !== 'starting') return;
    this.#setState('running');
    if (this.#intake.discarding) this.#intake.stopProducers();
    const { stage, journal, log } = this.#options;
    if (!stage.contractDeclared && journal !== undefined) log.event('NOTE', `the contract ${stage.contract} is assumed: all input is kept until the job ends`);
    await this.#startAttempt();
    if (this.#frozen) this.#pump();
  }

  rewired(): void {
    this.#intake.producersChanged();
    this.#attempt?.roomDownstream();
    this.#pump();
    this.#outputDone();
  }

  /** The stage behind goes on with other tasks. */
  goOver(): void {
    this.#options.lanes.goOver();
  }

  /** T7: its stage is to be rescaled, which only goes while it has put nothing out. */
  freeze(): void {
    if (this.#frozen || this.#isOver) return;
    this.#cannotFreeze = this.#options.lanes.untouched === false;
    if (!this.#cannotFreeze) {
      this.#frozen = true;
      this.#feed.freeze();
      this.#attempt?.kill();
    }
    this.#options.changed();
  }

  /** Nothing comes of that. */
  async thaw(): Promise<void> {
    this.#cannotFreeze = false;
    if (!this.#frozen) return;
    this.#frozen = false;
    this.#feed.thaw();
    if (this.#attempt !== undefined) await this.#gone.promise;
    if (this.#state !== 'running') return;
    this.#gone = Promise.withResolvers<void>();
    await this.#startAttempt();
  }

  status(): TaskStatus {
    return {
      ...this.ref,
      attempt: Math.max(1, this.#attempts),
      state: this.#state,
      groups: this.#state === 'running' ? [...this.#attempt?.groups ?? [], ...this.#poison?.groups ?? []] : [],
      inTuples: this.#intake.tuples,
      outTuples: Math.max(this.#outTuples, this.#router?.tuples ?? 0),
      stalled: this.#state === 'running' && this.#stall?.stalled === true,
      outGeneration: this.#options.lanes.outGeneration,
      switching: this.#options.lanes.switching,
      frozen: this.#frozenAnswer,
      skippedTuples: this.#skipped.totals.tuples,
      hotKeys: this.#router?.hotKeys,
      load: this.#load.totals(this.#feed.backlogBytes),
      failure: this.#failure,
    };
  }

  /** Kills the operator as a fault would, for demonstrations and tests. Gives false when it is not running. */
  killOperator(): boolean {
    if (this.#state !== 'running' || this.#attempt === undefined || this.#attempt.groups.length === 0) return false;
    this.#options.log.event('KILLED', 'SIGKILL on request');
    this.#crashes.killedOnRequest();
    this.#attempt.signal('SIGKILL');
    return true;
  }

  async stop(): Promise<void> {
    if (this.#state === 'starting' || this.#state === 'running' || this.#state === 'draining') this.#setState('stopped');
    this.#options.lanes.end();
    if (this.#attempt !== undefined && !this.#attempt.over) {
      this.#attempt.kill();
      await this.#gone.promise;
    }
    await this.#poison?.stop();
    await Promise.allSettled([this.#preparing]);
    this.#feed.end();
    await this.#feed.settled();
    await this.#options.journal?.close();
  }

  #pump(): void {
    if (this.#state === 'running') this.#feed.pump();
    this.#load.look();
    if (this.#frozen) this.#endFrozen();
  }

  get #isOver(): boolean {
    return this.#state === 'stopped' || this.#state === 'failed' || this.#state === 'finished' || this.#state === 'draining';
  }

  get #mayRun(): boolean {
    return this.#state === 'running' && !this.#frozen;
  }

  /** Undefined where it was not asked, and before it knows. */
  get #frozenAnswer(): boolean | undefined {
    if (this.#cannotFreeze) return false;
    return this.#frozen && this.#attempt?.over !== false ? this.#options.lanes.untouched : undefined;
  }

  /** T7 */
  #endFrozen(): void {
    if (this.#state !== 'running' || !this.#feed.ended || !this.#feed.superseded || this.#attempt?.over === false) return;
    this.#router = this.#options.lanes.router();
    this.#router.restart(this.#feed.checkpoint?.output);
    void this.#conclude(this.#router, false);
  }

  async #startAttempt(): Promise<void> {
    this.#attempts += 1;
    try {
      await this.#poison?.recover();
      await this.#feed.settled();
      if (!this.#mayRun) return this.#gone.resolve();
      const from = this.#feed.checkpoint;
      if (from?.complete === true) return await this.#resumeComplete(from);
      const attempt = await this.#makeAttempt(from);
      if (!this.#mayRun) return this.#gone.resolve();
      this.#attempt = attempt;
      await attempt.start();
      if (!this.#mayRun) return attempt.kill();
      const pids = attempt.groups.map((group) => group.pid).join(',');
      const behind = from === undefined ? '' : ` from=${from.after}`;
      this.#options.log.event(attempt.number === 1 ? 'START' : 'RESTART', `attempt=${attempt.number}${behind} pid=${pids} command=${this.#options.command}`);
      // Consumers may have finished while it was not there to be told.
      this.#letGoIfUnwanted();
      await this.#feed.run(attempt, from);
    } catch (error) {
      if (this.#attempt?.over !== false) this.#gone.resolve();
      this.#failOn(error);
    }
  }

  /** T5 */
  async #makeAttempt(from: RecordedCheckpoint | undefined): Promise<OperatorAttempt> {
    const made = makeAttempt(this.#options, this.#startFrom(from), {
      room: () => this.#pump(),
      checkpoint: (checkpoint) => this.#feed.offer(checkpoint),
      muchHeld: () => this.#feed.hurry(),
      ended: (ended, outcome) => void this.#attemptEnded(ended, outcome),
    });
    this.#preparing = made;
    const { attempt, stall } = await made;
    this.#stall = stall;
    this.#router = attempt.outlet.router;
    return attempt;
  }

  #startFrom(from: RecordedCheckpoint | undefined): AttemptStart {
    return { number: this.#attempts, from, loggedTuples: this.#outTuples, title: this.#title };
  }

  /** T6 */
  async #resumeComplete(last: RecordedCheckpoint): Promise<void> {
    this.#options.log.event('NOTE', 'all its output is recorded: the operator is not started again');
    const opening = openOutlet(this.#options, this.#startFrom(last), () => undefined);
    this.#preparing = opening;
    const { outlet } = await opening;
    this.#gone.resolve();
    this.#router = outlet.router;
    if (this.#state === 'running') await this.#conclude(outlet.router, this.#options.producers().numbers.some((producer) => last.input.get(producer)?.ended !== true));
  }

  async #attemptEnded(attempt: OperatorAttempt, outcome: Outcome): Promise<void> {
    this.#outTuples = Math.max(this.#outTuples, attempt.outlet.router.tuples);
    this.#feed.forget();
    if (!this.#mayRun || attempt !== this.#attempt) {
      this.#gone.resolve();
      return this.#pump();
    }
    switch (outcome.kind) {
      case 'killed':
        return this.#gone.resolve();
      case 'failed':
        this.#gone.resolve();
        return this.#fail(outcome.error);
      case 'crashed':
        return this.#crashed(attempt, { ...outcome.exit, stalledMs: this.#stall?.killedAfterMs }, outcome.early);
      case 'complete':
        this.#gone.resolve();
        // T6
        if (this.#options.stage.release === 'committed' && this.#feed.checkpoint?.complete !== true) await this.#feed.complete(attempt);
        return this.#conclude(attempt.outlet.router, outcome.early);
    }
  }

  async #crashed(attempt: OperatorAttempt, exit: MemberExit, early: boolean): Promise<void> {
    const decision = this.#crashes.crashed(exit, { inputBytes: this.#feed.inputBytes, checkpoint: this.#feed.checkpoint?.after ?? 0 });
    if (this.#options.journal === undefined || decision.kind === 'give-up') {
      return this.#givenUp(attempt, exit, this.#crashes.error(this.#title, this.#options.stage, exit, early));
    }
    this.#options.log.event('NOTE', `the operator ${describeExit(exit)}; it is started again${decision.afterMs > 0 ? ` in ${decision.afterMs} ms` : ''}`);
    if (decision.afterMs > 0) await this.#options.clock.wait(decision.afterMs);
    if (this.#state !== 'running') return this.#gone.resolve();
    await this.#startAttempt();
  }

  /** It may be a tuple that it dies of, which can be left out. */
  async #givenUp(attempt: OperatorAttempt, exit: MemberExit, error: RainstormError): Promise<void> {
    try {
      if (this.#poison === undefined) throw error;
      await this.#feed.settled();
      await this.#poison.leaveOut(exit, error, { from: this.#feed.checkpoint, end: this.#feed.fedEnd });
    } catch (failure) {
      // T4: so it may have become while the search went on.
      if (this.#poison !== undefined && this.#state === 'running' && attempt.outlet.router.unwanted) return this.#startAttempt();
      this.#gone.resolve();
      if (!(failure instanceof RainstormError)) throw failure;
      return this.#fail(failure, attempt.lastWords);
    }
    if (this.#state !== 'running') return this.#gone.resolve();
    this.#crashes.leftOut();
    await this.#startAttempt();
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
    const router = this.#router;
    if (this.#state !== 'draining' || router === undefined || !router.done) return;
    this.#options.log.event('END', `in=${this.#intake.tuples} out=${router.tuples}`);
    this.#setState('finished');
  }

  /** T4 */
  #letGoIfUnwanted(): void {
    const attempt = this.#attempt;
    if (this.#state !== 'running' || attempt === undefined || !attempt.outlet.router.unwanted) return;
    this.#options.log.event('NOTE', 'no consumer wants more; the operator is let go');
    letGo(attempt, this.#options.clock, this.#gone.promise);
  }

  #failOn(error: unknown): void {
    if (!(error instanceof RainstormError)) throw error;
    this.#fail(error);
  }

  #fail(error: RainstormError, lastWords: readonly string[] = this.#attempt?.lastWords ?? []): void {
    if (this.#state === 'failed' || this.#state === 'stopped' || this.#state === 'finished') return;
    this.#failure = failureFrom(error, lastWords);
    this.#options.log.event('FAILED', error.message);
    this.#setState('failed');
    this.#attempt?.kill();
  }

  #setState(state: TaskState): void {
    invariant(this.#state !== 'finished' || state === 'finished', 'T2: what has finished stays so');
    this.#state = state;
    this.#options.changed();
  }
}
