/** One run of the program under check, limited in time and output. */
import { RainstormError } from '../base/errors.ts';
import { failureOf, isEarlyFailure, type MemberExit } from '../task/exit-verdict.ts';
import { OperatorProcess, type ProcessGroup } from '../task/operator-process.ts';
import { StderrTail } from '../task/stderr-tail.ts';
import { killLeftBehind } from './left-behind.ts';
import type { Subject } from './subject.ts';

/** After a kill the system needs moments to say that everything is gone; then it is not waited for any longer. */
const KILLED_LIMIT_MS = 5_000;

export interface TrialEnd {
  /** As a job would route it: a last line without newline has one. Of a run that was broken off, what it had printed by then. */
  readonly output: Buffer;
  /** True where that newline was missing. */
  readonly newlineAdded: boolean;
  readonly exits: readonly MemberExit[];
  /** What a job would take for a crash. */
  readonly failure: MemberExit | undefined;
  /** It ended, or closed its stdin, before its input had ended. */
  readonly early: boolean;
  /** Its last lines on stderr. */
  readonly lastWords: readonly string[];
  /** CHECK_LIMIT where it had to be killed for taking too long or printing too much. */
  readonly broken: RainstormError | undefined;
}

const NEWLINE = Buffer.from('\n');

export class Trial {
  readonly ended: Promise<TrialEnd>;
  readonly #subject: Subject;
  readonly #resolve: (end: TrialEnd) => void;
  readonly #chunks: Buffer[] = [];
  readonly #stderr = new StderrTail(() => undefined);
  readonly #timer: NodeJS.Timeout;
  #process: OperatorProcess | undefined;
  #outputBytes = 0;
  #printed: (() => void)[] = [];
  #inputOpen = true;
  #early = false;
  #over = false;
  #broken: RainstormError | undefined;

  private constructor(subject: Subject) {
    this.#subject = subject;
    const { promise, resolve } = Promise.withResolvers<TrialEnd>();
    this.ended = promise;
    this.#resolve = resolve;
    this.#timer = setTimeout(() => this.#break(this.#tooLong()), subject.timeLimitMs);
  }

  static async start(subject: Subject): Promise<Trial> {
    const trial = new Trial(subject);
    try {
      trial.#process = await OperatorProcess.start(subject, {
        stdout: (chunk) => trial.#heard(chunk),
        stdoutEnd: () => undefined,
        stderr: (chunk) => trial.#stderr.push(chunk),
        drain: () => undefined,
        control: () => undefined,
        stdinClosed: () => {
          trial.#early = true;
        },
        exited: (exits) => void trial.#exited(exits),
      });
    } catch (error) {
      clearTimeout(trial.#timer);
      throw error;
    }
    if (trial.#broken !== undefined) trial.#process.kill();
    return trial;
  }

  /** The first process of each group is one of the chain, in its order. */
  get groups(): readonly ProcessGroup[] {
    return this.#process?.groups ?? [];
  }

  get timeLimitMs(): number {
    return this.#subject.timeLimitMs;
  }

  get outputBytes(): number {
    return this.#outputBytes;
  }

  /** It has ended, or closed its stdin, before its input had ended. */
  get hadEnough(): boolean {
    return this.#early || (this.#over && this.#inputOpen);
  }

  /** Resolves when the program's pipe has the bytes, or it does not want them. */
  async feed(bytes: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#process === undefined || this.#over) return;
    this.#process.write(bytes, resolve);
    await promise;
  }

  endInput(): void {
    this.#inputOpen = false;
    this.#process?.endInput();
  }

  /**
   * Resolves when more than `bytes` of output were read in all, when the program has ended, or after `ms` milliseconds: that
   * nothing comes is no event. Gives whether there was that much.
   */
  async printsMoreThan(bytes: number, ms: number): Promise<boolean> {
    const giveUpAt = performance.now() + ms;
    while (this.#outputBytes <= bytes && !this.#over && performance.now() < giveUpAt) await this.#nextOutput(giveUpAt);
    return this.#outputBytes > bytes;
  }

  kill(): void {
    if (!this.#over) this.#process?.kill();
  }

  async #nextOutput(giveUpAt: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.max(0, giveUpAt - performance.now()));
    this.#printed.push(resolve);
    await promise;
    clearTimeout(timer);
  }

  #heard(chunk: Buffer): void {
    if (this.#broken === undefined) this.#chunks.push(chunk);
    this.#outputBytes += chunk.length;
    if (this.#outputBytes > this.#subject.maxOutputBytes) this.#break(this.#tooMuch());
    for (const resolve of this.#printed.splice(0)) resolve();
  }

  #break(reason: RainstormError): void {
    if (this.#broken !== undefined || this.#over) return;
    this.#broken = reason;
    this.#process?.kill();
    // A process that has left its group may hold the pipes open.
    void killLeftBehind(this.#subject.mark);
    setTimeout(() => this.#finish([]), KILLED_LIMIT_MS).unref();
  }

  async #exited(exits: readonly MemberExit[]): Promise<void> {
    await this.#stderr.end();
    this.#finish(exits);
  }

  #finish(exits: readonly MemberExit[]): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    for (const resolve of this.#printed.splice(0)) resolve();
    const early = this.hadEnough;
    const printed = Buffer.concat(this.#chunks);
    const newlineAdded = printed.length > 0 && printed.at(-1) !== NEWLINE[0];
    this.#resolve({
      output: newlineAdded ? Buffer.concat([printed, NEWLINE]) : printed,
      newlineAdded,
      exits,
      failure: failureOf(exits) ?? (early ? isEarlyFailure(exits) : undefined),
      early,
      lastWords: this.#stderr.last,
      broken: this.#broken,
    });
  }

  #tooLong(): RainstormError {
    const { shown, timeLimitMs } = this.#subject;
    const what = this.#inputOpen ? 'has not taken its input' : 'has not ended after its input';
    return new RainstormError('CHECK_LIMIT', `\`${shown}\` ${what} within ${timeLimitMs / 1000} s`, {
      hint: 'A stage reads its stdin and ends when that ends. If it only is slow, give it longer with --time-limit, or less with --sample.',
    });
  }

  #tooMuch(): RainstormError {
    return new RainstormError('CHECK_LIMIT', `\`${this.#subject.shown}\` has printed more than ${this.#subject.maxOutputBytes / 1024 / 1024} MiB for a small input`, {
      hint: 'A stage prints something for what it reads, and ends when its stdin ends. If that much is right, give it less with --sample.',
    });
  }
}
