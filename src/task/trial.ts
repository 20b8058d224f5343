/**
 * A throw-away attempt of an operator on the beginning of what its journal holds: does it crash?
 *
 * It is what a real attempt is: it begins with the checkpoint's state, is cut where the journal is, and sees the end of its
 * input behind what it is given. Only its output goes nowhere.
 */
import { invariant, RainstormError } from '../base/errors.ts';
import { skipTuples } from '../job/skip-tuples.ts';
import type { Outcome } from './attempt-options.ts';
import { FeedPosition } from './feed-position.ts';
import type { RecordedCheckpoint } from './input-journal.ts';
import type { TaskLog } from './local-log.ts';
import { makeAttempt } from './make-attempt.ts';
import type { OperatorAttempt } from './operator-attempt.ts';
import type { OperatorTaskOptions } from './operator-task-options.ts';
import { replayable } from './replayable.ts';
import type { SkippedTuples } from './skipped-tuples.ts';
import { TrialChannels } from './trial-channels.ts';

/** What a trial is fed of the tuples behind the checkpoint, less those that are left out already. */
export interface TrialInput {
  /** How many, from the first on. */
  readonly tuples: number;
  /** One more behind them. */
  readonly another?: Buffer | undefined;
}

/**
 * `diverged`: it passed, but did not print what consumers have. `untold`: it passed, but what a consumer has nobody says.
 * `killed`: by SIGKILL, which says nothing of the operator.
 */
export type Verdict = 'passed' | 'crashed' | 'diverged' | 'untold' | 'killed' | 'stopped';

export interface TrialOptions {
  readonly task: OperatorTaskOptions;
  readonly title: string;
  readonly from: RecordedCheckpoint | undefined;
  /** Journal entries before this may be fed. */
  readonly end: number;
  readonly skipped: SkippedTuples;
  readonly input: TrialInput;
  /** Whether its output is held against what consumers have. */
  readonly compare: boolean;
}

const NO_LOG: TaskLog = { event: () => undefined, stderr: () => undefined, output: () => undefined };

export class Trial {
  readonly #options: TrialOptions;
  readonly #channels: TrialChannels;
  readonly #ended = Promise.withResolvers<Outcome>();
  #attempt: OperatorAttempt | undefined;
  #stopped = false;

  constructor(options: TrialOptions) {
    this.#options = options;
    const { lanes, stage } = options.task;
    this.#channels = new TrialChannels(lanes, (bytes, count) => skipTuples(stage.outputFormat, bytes, count), options.compare);
  }

  get groups(): OperatorAttempt['groups'] {
    return this.#attempt?.groups ?? [];
  }

  /** Ends it; `run` resolves when nothing of it is left. */
  stop(): void {
    this.#stopped = true;
    this.#attempt?.kill();
  }

  /** Rejects with what the operator cannot be started for, and with the failures of a journal. */
  async run(): Promise<Verdict> {
    try {
      const attempt = await this.#make();
      this.#attempt = attempt;
      if (this.#stopped) return 'stopped';
      await attempt.start();
      if (this.#stopped) attempt.kill();
      await this.#feedOrEnd(attempt);
      return this.#verdict(await this.#ended.promise, attempt);
    } catch (error) {
      if (error instanceof RainstormError && error.code === 'DIVERGED') return 'diverged';
      throw error;
    }
  }

  async #make(): Promise<OperatorAttempt> {
    const { task, from, title } = this.#options;
    // How long it may stand still is for the search to say.
    const stage = { ...task.stage, stallTimeoutMs: 0 };
    const { attempt } = await makeAttempt({ ...task, stage, log: NO_LOG, lanes: this.#channels.lanes }, { number: 1, from, loggedTuples: Infinity, title }, {
      room: () => undefined,
      checkpoint: () => this.#attempt?.release(),
      muchHeld: () => {
        this.#attempt?.outlet.take();
        this.#attempt?.release();
      },
      ended: (_, outcome) => this.#ended.resolve(outcome),
    });
    return attempt;
  }

  async #feedOrEnd(attempt: OperatorAttempt): Promise<void> {
    try {
      await this.#feed(attempt);
    } catch (error) {
      attempt.kill();
      await this.#ended.promise;
      throw error;
    }
  }

  async #feed(attempt: OperatorAttempt): Promise<void> {
    const { task: { journal, stage }, from, end, skipped, input } = this.#options;
    invariant(journal !== undefined, 'SK1: what is tried out lies in a journal');
    const position = new FeedPosition(skipped.totals, from);
    let left = input.tuples;
    for await (const { position: at, entry } of replayable(journal, from, end)) {
      if (left === 0 || attempt.over) break;
      await attempt.untilRoom();
      if (entry.kind === 'frame') {
        const frame = skipped.leave(at, entry);
        const bytes = frame.count <= left ? frame.bytes : frame.bytes.subarray(0, skipTuples(stage.inputFormat, frame.bytes, left));
        position.frame(at, entry.producer, entry.first + entry.count, { payload: entry.bytes, inputBytes: entry.bytes.length, digest: undefined });
        if (bytes.length > 0) attempt.feed(bytes, () => undefined);
        left -= Math.min(left, frame.count);
      } else if (entry.kind === 'fin') position.fin(at, entry.producer, entry.superseded);
      else if (entry.kind === 'cut') {
        position.pass(at);
        attempt.cut(position.mark);
      }
    }
    await attempt.untilRoom();
    if (input.another !== undefined) attempt.feed(input.another, () => undefined);
    attempt.endInput();
  }

  #verdict(outcome: Outcome, attempt: OperatorAttempt): Verdict {
    switch (outcome.kind) {
      case 'killed':
        return 'stopped';
      case 'crashed':
        return outcome.exit.signal === 'SIGKILL' ? 'killed' : 'crashed';
      case 'failed':
        throw outcome.error;
      case 'complete':
        attempt.outlet.router.flush();
        return this.#channels.verdict;
    }
  }
}
