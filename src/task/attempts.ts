/**
 * The attempts of a task's operator, one after the other: what each begins with, and what follows its end.
 *
 * T5 An operator that crashes is started again from the last checkpoint, or the beginning, and fed its journal from there;
 *    what it prints again is dropped as far as the consumers have it. Everybody else keeps running. A loop of crashes fails
 *    the job, unless it is a tuple that it dies of and the stage has that left out (poison.ts).
 * T6 Where output is held until it is recorded, its end is recorded with the last of it: from then on the operator is not
 *    started again, and only then the output ends.
 */
import type { RainstormError } from '../base/errors.ts';
import type { Outcome } from './attempt-options.ts';
import { CrashRecord } from './crash-record.ts';
import { describeExit, type MemberExit } from './exit-verdict.ts';
import type { InputFeed } from './input-feed.ts';
import type { RecordedCheckpoint } from './input-journal.ts';
import { letGo } from './let-go.ts';
import { makeAttempt, openOutlet, type AttemptStart } from './make-attempt.ts';
import type { OperatorAttempt } from './operator-attempt.ts';
import type { OperatorTaskOptions } from './operator-task-options.ts';
import type { ProcessGroup } from './operator-process.ts';
import type { Poison } from './poison.ts';
import type { Router } from './router.ts';
import type { StallReport } from './stall-report.ts';

interface AttemptsOptions {
  readonly task: OperatorTaskOptions;
  /** Whose they are, for messages. */
  readonly title: string;
  readonly feed: InputFeed;
  /** Undefined where no tuple is left out. */
  readonly poison: Poison | undefined;
  /** Output tuples that attempts before these have logged. */
  readonly outTuples: number;
  /** The task was started, and is not over. */
  readonly running: () => boolean;
  /** T7: there is to be no attempt for now. */
  readonly frozen: () => boolean;
  /** As `AttemptEvents.room`. */
  readonly room: () => void;
  /** All output has gone through `router`, and there will be no other attempt. `early`: the operator had enough before its input ended. */
  readonly concluded: (router: Router, early: boolean) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

export class Attempts {
  readonly #options: AttemptsOptions;
  readonly #crashes: CrashRecord;
  /** Nothing is left of the last one. */
  #gone = Promise.withResolvers<void>();
  #number: number;
  #attempt: OperatorAttempt | undefined;
  /** Of an attempt that is being made: it may be reading the journal. */
  #preparing: Promise<unknown> | undefined;
  #router: Router | undefined;
  #stall: StallReport | undefined;
  #outTuples: number;

  constructor(options: AttemptsOptions) {
    this.#options = options;
    this.#crashes = new CrashRecord(options.task.stage.maxRestarts);
    this.#number = options.task.attempt - 1;
    this.#outTuples = options.outTuples;
  }

  /** The last one, which may be over. */
  get current(): OperatorAttempt | undefined {
    return this.#attempt;
  }

  get number(): number {
    return this.#number;
  }

  /** Of the attempt, or of the output that a complete one has left. */
  get router(): Router | undefined {
    return this.#router;
  }

  get outTuples(): number {
    return Math.max(this.#outTuples, this.#router?.tuples ?? 0);
  }

  /** Of processes that search for a tuple to leave out, too. */
  get groups(): ProcessGroup[] {
    return [...this.#attempt?.groups ?? [], ...this.#options.poison?.groups ?? []];
  }

  get stalled(): boolean {
    return this.#stall?.stalled === true;
  }

  /** Makes the next one and feeds it. */
  async start(): Promise<void> {
    const { task, feed, poison } = this.#options;
    this.#number += 1;
    try {
      await poison?.recover();
      await feed.settled();
      if (!this.#mayRun) return this.#gone.resolve();
      const from = feed.checkpoint;
      if (from?.complete === true) return await this.#resumeComplete(from);
      const attempt = await this.#make(from);
      if (!this.#mayRun) return this.#gone.resolve();
      this.#attempt = attempt;
      await attempt.start();
      if (!this.#mayRun) return attempt.kill();
      const pids = attempt.groups.map((group) => group.pid).join(',');
      const behind = from === undefined ? '' : ` from=${from.after}`;
      task.log.event(attempt.number === 1 ? 'START' : 'RESTART', `attempt=${attempt.number}${behind} pid=${pids} command=${task.command}`);
      // Consumers may have finished while it was not there to be told.
      this.letGoIfUnwanted();
      // Not waited for: what is fed again may have to wait itself, for consumers that are yet to be placed.
      void feed.run(attempt, from).catch((error: unknown) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    if (this.#attempt?.over !== false) this.#gone.resolve();
    this.#options.failed(error);
  }

  /** As `start`, where the last one was killed for a while. */
  async startAgain(): Promise<void> {
    if (this.#attempt !== undefined) await this.#gone.promise;
    if (!this.#options.running()) return;
    this.#gone = Promise.withResolvers<void>();
    await this.start();
  }

  /** There will be no other, and nothing was put out: the end of the output comes where the last checkpoint stands. */
  forgo(): void {
    const { task, feed, concluded } = this.#options;
    this.#router = task.lanes.router();
    this.#router.restart(feed.checkpoint?.output);
    void concluded(this.#router, false);
  }

  /** Kills the operator as a fault would. Gives false when it is not running. */
  killOperator(): boolean {
    if (this.#attempt === undefined || this.#attempt.groups.length === 0) return false;
    this.#options.task.log.event('KILLED', 'SIGKILL on request');
    this.#crashes.killedOnRequest();
    this.#attempt.signal('SIGKILL');
    return true;
  }

  /** T4 */
  letGoIfUnwanted(): void {
    const { task, running } = this.#options;
    const attempt = this.#attempt;
    if (!running() || attempt === undefined || !attempt.outlet.router.unwanted) return;
    task.log.event('NOTE', 'no consumer wants more; the operator is let go');
    letGo(attempt, task.clock, this.#gone.promise);
  }

  /** The task is over, and there will be none; resolves when nothing is left of them. */
  async stop(): Promise<void> {
    if (this.#attempt !== undefined && !this.#attempt.over) {
      this.#attempt.kill();
      await this.#gone.promise;
    }
    await this.#options.poison?.stop();
    await Promise.allSettled([this.#preparing]);
  }

  get #mayRun(): boolean {
    return this.#options.running() && !this.#options.frozen();
  }

  /** T5 */
  async #make(from: RecordedCheckpoint | undefined): Promise<OperatorAttempt> {
    const { task, feed, room } = this.#options;
    const made = makeAttempt(task, this.#startFrom(from), {
      room,
      checkpoint: (checkpoint) => feed.offer(checkpoint),
      muchHeld: () => feed.hurry(),
      ended: (ended, outcome) => void this.#ended(ended, outcome),
    });
    this.#preparing = made;
    const { attempt, stall } = await made;
    this.#stall = stall;
    this.#router = attempt.outlet.router;
    return attempt;
  }

  #startFrom(from: RecordedCheckpoint | undefined): AttemptStart {
    return { number: this.#number, from, loggedTuples: this.#outTuples, title: this.#options.title };
  }

  /** T6 */
  async #resumeComplete(last: RecordedCheckpoint): Promise<void> {
    const { task, running, concluded } = this.#options;
    task.log.event('NOTE', 'all its output is recorded: the operator is not started again');
    const opening = openOutlet(task, this.#startFrom(last), () => undefined);
    this.#preparing = opening;
    const { outlet } = await opening;
    this.#gone.resolve();
    this.#router = outlet.router;
    if (running()) await concluded(outlet.router, task.producers().numbers.some((producer) => last.input.get(producer)?.ended !== true));
  }

  async #ended(attempt: OperatorAttempt, outcome: Outcome): Promise<void> {
    const { task, feed, room, concluded, failed } = this.#options;
    this.#outTuples = Math.max(this.#outTuples, attempt.outlet.router.tuples);
    feed.forget();
    if (!this.#mayRun || attempt !== this.#attempt) {
      this.#gone.resolve();
      return room();
    }
    switch (outcome.kind) {
      case 'killed':
        return this.#gone.resolve();
      case 'failed':
        this.#gone.resolve();
        return failed(outcome.error);
      case 'crashed':
        return this.#crashed(attempt, { ...outcome.exit, stalledMs: this.#stall?.killedAfterMs }, outcome.early);
      case 'complete':
        this.#gone.resolve();
        // T6
        if (task.stage.release === 'committed' && feed.checkpoint?.complete !== true) await feed.complete(attempt);
        return concluded(attempt.outlet.router, outcome.early);
    }
  }

  async #crashed(attempt: OperatorAttempt, exit: MemberExit, early: boolean): Promise<void> {
    const { task: { stage, journal, log, clock }, title, feed, running } = this.#options;
    const decision = this.#crashes.crashed(exit, { inputBytes: feed.inputBytes, checkpoint: feed.checkpoint?.after ?? 0 });
    if (journal === undefined || decision.kind === 'give-up') return this.#givenUp(attempt, exit, this.#crashes.error(title, stage, exit, early));
    log.event('NOTE', `the operator ${describeExit(exit)}; it is started again${decision.afterMs > 0 ? ` in ${decision.afterMs} ms` : ''}`);
    if (decision.afterMs > 0) await clock.wait(decision.afterMs);
    if (!running()) return this.#gone.resolve();
    await this.start();
  }

  /** It may be a tuple that it dies of, which can be left out. */
  async #givenUp(attempt: OperatorAttempt, exit: MemberExit, error: RainstormError): Promise<void> {
    const { feed, poison, running, failed } = this.#options;
    try {
      if (poison === undefined) throw error;
      await feed.settled();
      await poison.leaveOut(exit, error, { from: feed.checkpoint, end: feed.fedEnd });
    } catch (failure) {
      // T4: so it may have become while the search went on.
      if (poison !== undefined && running() && attempt.outlet.router.unwanted) return this.start();
      this.#gone.resolve();
      return failed(failure);
    }
    if (!running()) return this.#gone.resolve();
    this.#crashes.leftOut();
    await this.start();
  }
}
