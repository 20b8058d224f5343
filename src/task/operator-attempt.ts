/**
 * One start of a stage's operator: what is fed to it, what it prints, how it ends.
 *
 * A1 It is fed the journal from the beginning, in order, and then what comes; nothing else.
 * A2 What it prints is routed only while it is not known to have failed: nothing is routed that was read after a kill.
 * A3 A last line without newline counts only after an acceptable exit.
 */
import { RainstormError } from '../base/errors.ts';
import { BlockSplitter, type BlockSplitterOptions } from '../job/block-splitter.ts';
import type { Block } from '../job/block.ts';
import { describeExit, failureOf, isEarlyFailure, type MemberExit } from './exit-verdict.ts';
import type { InputJournal } from './input-journal.ts';
import type { TaskLog } from './local-log.ts';
import type { OperatorProcessEvents, ProcessGroup } from './operator-process.ts';
import type { Router } from './router.ts';
import { StderrTail } from './stderr-tail.ts';

/** A running operator, as a task sees it. */
export interface Operator {
  readonly groups: readonly ProcessGroup[];
  readonly killed: boolean;
  /** Gives false when no more should be written before `drain`; `done` is called when the operator's pipe has the bytes. */
  write(bytes: Buffer, done: () => void): boolean;
  endInput(): void;
  pauseOutput(): void;
  resumeOutput(): void;
  letGo(): void;
  kill(): void;
  signal(signal: NodeJS.Signals): void;
}

export type StartOperator = (events: OperatorProcessEvents) => Promise<Operator>;

/** How an attempt ended. */
export type Outcome =
  /** All its output is routed. `early`: it had enough before its input ended. */
  | { readonly kind: 'complete'; readonly early: boolean }
  /** Another attempt may do better. */
  | { readonly kind: 'crashed'; readonly exit: MemberExit; readonly early: boolean }
  /** It would only go wrong again: what it prints cannot be used, or is another than before. */
  | { readonly kind: 'failed'; readonly error: RainstormError };

export interface AttemptOptions {
  readonly number: number;
  readonly start: StartOperator;
  readonly output: BlockSplitterOptions;
  readonly router: Router;
  readonly log: TaskLog;
  /** Output tuples that earlier attempts have logged. */
  readonly loggedTuples: number;
  /** There is room in its stdin again. */
  readonly drain: () => void;
  readonly ended: (attempt: OperatorAttempt, outcome: Outcome) => void;
}

export class OperatorAttempt {
  readonly number: number;
  readonly router: Router;
  readonly #options: AttemptOptions;
  readonly #splitter: BlockSplitter;
  readonly #stderr: StderrTail;
  #operator: Operator | undefined;
  #full = false;
  #inputOpen = true;
  /** It closed its stdin: what was left of its input it never saw, even where that has ended meanwhile. */
  #hadEnough = false;
  #discarding = false;
  #outputPaused = false;
  #over = false;
  #unwanted = false;
  #fedBytes = 0;
  #room: (() => void) | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.number = options.number;
    this.router = options.router;
    this.#splitter = new BlockSplitter(options.output);
    this.#stderr = new StderrTail((line) => options.log.stderr(Buffer.from(line)));
  }

  /** Throws what the operator cannot be started for. */
  async start(): Promise<void> {
    this.#operator = await this.#options.start({
      stdout: (chunk) => this.#guard(() => this.#route(this.#splitter.push(chunk))),
      stdoutEnd: () => undefined,
      stderr: (chunk) => this.#stderr.push(chunk),
      drain: () => this.#drained(),
      stdinClosed: () => {
        this.#options.log.event('NOTE', 'the operator closed its stdin; the rest of its input is dropped');
        this.#discarding = true;
        this.#hadEnough = true;
        this.#drained();
      },
      exited: (exits) => void this.#exited(exits),
    });
    if (this.#over) this.#operator.kill();
  }

  get groups(): readonly ProcessGroup[] {
    return this.#over ? [] : (this.#operator?.groups ?? []);
  }

  get lastWords(): readonly string[] {
    return this.#stderr.last;
  }

  /** All bytes that it was fed, replayed ones included. */
  get fedBytes(): number {
    return this.#fedBytes;
  }

  /** No more should be fed for now. */
  get full(): boolean {
    return this.#full || this.#operator === undefined;
  }

  get over(): boolean {
    return this.#over;
  }

  /** `done` is called when the operator's pipe has the bytes, or they are of no use to it any more. */
  feed(bytes: Buffer, done: () => void): void {
    if (this.#discarding || this.#over || this.#operator === undefined) return done();
    this.#fedBytes += bytes.length;
    this.#full = !this.#operator.write(bytes, done);
  }

  /** A1: feeds it the journal's frames before position `end`. Gives how many tuples that were; stops when the attempt is over. */
  async replay(journal: InputJournal, end: number): Promise<number> {
    let tuples = 0;
    for await (const { position, entry } of journal.read()) {
      if (position >= end || this.#over) break;
      if (entry.kind !== 'frame') continue;
      while (this.#full && !this.#over && !this.#discarding) await this.#waitForRoom();
      this.feed(entry.bytes, () => undefined);
      tuples += entry.count;
    }
    return tuples;
  }

  endInput(): void {
    if (!this.#inputOpen) return;
    this.#inputOpen = false;
    this.#operator?.endInput();
  }

  /** Consumers have acked something. */
  roomDownstream(): void {
    this.router.flushIdle();
    if (!this.#outputPaused || this.router.full) return;
    this.#outputPaused = false;
    this.#operator?.resumeOutput();
  }

  /** Nobody wants its output: its pipes are closed, as in a shell, and how it ends does not matter. */
  letGo(): void {
    this.#unwanted = true;
    this.#discarding = true;
    this.#operator?.letGo();
    this.#drained();
  }

  signal(signal: NodeJS.Signals): void {
    this.#operator?.signal(signal);
  }

  /** Ends it at once. `ended` is still called, when its processes are gone. */
  kill(): void {
    this.#over = true;
    this.#operator?.kill();
    this.#drained();
  }

  #drained(): void {
    this.#full = false;
    this.#room?.();
    this.#room = undefined;
    this.#options.drain();
  }

  #waitForRoom(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#room = resolve;
    return promise;
  }

  /** A2 */
  #route(block: Block | undefined): void {
    if (block === undefined || this.#over || this.#operator?.killed === true) return;
    const { router } = this;
    if (router.tuples >= this.#options.loggedTuples) this.#options.log.output(block, router.tuples);
    router.route(block);
    if (!router.full) return;
    this.#outputPaused = true;
    this.#operator?.pauseOutput();
  }

  async #exited(exits: readonly MemberExit[]): Promise<void> {
    await this.#stderr.end();
    this.#options.log.event('EXIT', `attempt=${this.number} ${exits.map(describeExit).join('; ')}`);
    const outcome = this.#failure ?? this.#verdict(exits);
    this.#over = true;
    this.#drained();
    this.#options.ended(this, outcome);
  }

  #failure: Outcome | undefined;

  #verdict(exits: readonly MemberExit[]): Outcome {
    const early = this.#inputOpen || this.#hadEnough;
    if (!this.#unwanted) {
      const exit = failureOf(exits) ?? (early ? isEarlyFailure(exits) : undefined);
      if (exit !== undefined) return { kind: 'crashed', exit, early };
    }
    // A3
    this.#guard(() => this.#route(this.#splitter.end()));
    return this.#failure ?? { kind: 'complete', early };
  }

  /** Data errors end the attempt for good; anything else is a bug and ends the worker. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      this.#failure ??= { kind: 'failed', error };
      this.kill();
    }
  }
}
