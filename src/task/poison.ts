/**
 * Tuples that a task's operator dies of each time: found, put aside and left out.
 *
 * SK1 A tuple is left out in every attempt that begins after its SKIP is durable in the journal, and in none before. It lies
 *     among what some attempt was fed, so that who leaves it out reads it from the journal: what an operator is fed still
 *     follows from the journal alone.
 * SK2 It was fed in its place to copies that died of it, and not of anything else (PS1, PS2).
 * SK3 No consumer has output that came of it: a copy that is fed the tuples before it, and then the end of its input, prints
 *     all that left the router since the checkpoint, byte for byte in each channel. Where it does not, no attempt that leaves
 *     the tuple out could, and O7 would refuse each: nothing is given up that could have gone on. Where it does only by what
 *     it prints at the end of its input, the attempt that follows is held against the same output (O7), and the job fails
 *     before anything wrong goes on.
 * SK4 The dead letters follow from the journal: a SKIP says where its tuple stands among them. They are written before the
 *     next attempt begins, and so before a checkpoint can take the tuple from the journal; who recovers the journal writes
 *     those again whose tuples it holds.
 * SK5 What was left out is counted in each SKIP and each checkpoint: the number outlives the cuts of the journal.
 */
import { invariant, RainstormError } from '../base/errors.ts';
import { FIRST_GENERATION } from '../job/task-id.ts';
import type { PoisonSettings } from './dead-letters.ts';
import { escapeTuple } from './escape-tuple.ts';
import type { MemberExit } from './exit-verdict.ts';
import { FedTuples, type FedTuple } from './fed-tuples.ts';
import type { InputJournal, RecordedCheckpoint } from './input-journal.ts';
import type { OperatorTaskOptions } from './operator-task-options.ts';
import type { ProcessGroup } from './operator-process.ts';
import { PoisonSearch, type SearchResult } from './poison-search.ts';
import type { Skip } from './skip.ts';
import { splitTuples, type SkippedTuples } from './skipped-tuples.ts';
import { Trial, type TrialInput, type Verdict } from './trial.ts';

/** Each trial reads the journal from the last checkpoint on. Where that takes so long in all, the stage should make checkpoints. */
export const SEARCH_MS = 10 * 60_000;

/** Who has to leave out more in one task has the wrong program or the wrong input, and should not find a result of it. */
const MAX_SKIPPED = 100;

/** Of a tuple, as much as tells it from others in a log. */
const SHOWN_BYTES = 200;

export interface PoisonOptions {
  readonly task: OperatorTaskOptions;
  readonly title: string;
  readonly skipped: SkippedTuples;
  /** Of frames behind the last checkpoint. */
  readonly recovered: readonly Skip[];
}

interface JournaledOptions extends PoisonOptions {
  readonly journal: InputJournal;
  readonly settings: PoisonSettings;
}

/** What attempts were fed behind a checkpoint, or from the beginning, to before position `end` of the journal. */
interface Fed {
  readonly from: RecordedCheckpoint | undefined;
  readonly end: number;
}

/** Undefined where the job fails of what its operator dies of, since nothing else was asked for or nothing is journaled. */
export function makePoison(options: PoisonOptions): Poison | undefined {
  const { journal, poison: settings } = options.task;
  return journal === undefined || settings === undefined ? undefined : new Poison({ ...options, journal, settings });
}

export class Poison {
  readonly #options: JournaledOptions;
  readonly #recovered: Skip[];
  #trial: Trial | undefined;
  #search: Promise<unknown> | undefined;
  #stopped = false;
  #timedOut = false;
  #trials = 0;
  #answered: (() => void) | undefined;

  constructor(options: JournaledOptions) {
    this.#options = options;
    this.#recovered = [...options.recovered];
  }

  /** Processes of a trial. */
  get groups(): readonly ProcessGroup[] {
    return this.#trial?.groups ?? [];
  }

  /** SK4; before the first attempt. Rejects as the journal and the dead letters do. */
  async recover(): Promise<void> {
    const { journal, task, settings } = this.#options;
    for (const { position, index, offsetBytes } of this.#recovered.splice(0)) {
      for await (const { entry } of journal.read(position)) {
        invariant(entry.kind === 'frame', 'SK1: a skip names a frame');
        await settings.deadLetters.write(splitTuples(task.stage.inputFormat, entry.bytes)[index] as Buffer, offsetBytes);
        break;
      }
    }
  }

  /**
   * The operator was given up for `exit`: looks among what it was fed for the tuple that it dies of, and leaves that out from
   * now on. Rejects with `error` where there is none, and says why; and as journal, dead letters and trials do.
   */
  async leaveOut(exit: MemberExit, error: RainstormError, fed: Fed): Promise<void> {
    // That has other causes than a tuple, or cannot be tried out.
    if (exit.spawnError !== undefined || exit.stalledMs !== undefined) throw error;
    const reason = await this.#leaveOut(fed, exit.signal === 'SIGKILL');
    if (reason === undefined) return;
    throw new RainstormError(error.code, `${error.message}; no tuple is left out for it: ${reason}`, error.hint === undefined ? {} : { hint: error.hint });
  }

  /** Gives the reason where no tuple is left out. */
  async #leaveOut({ from, end }: Fed, bySigkill: boolean): Promise<string | undefined> {
    const { task, skipped, journal } = this.#options;
    if (skipped.totals.tuples >= MAX_SKIPPED) return `${MAX_SKIPPED} tuples were left out already`;
    // What those have got that are gone nothing can be held against (SK3).
    if (task.lanes.switchFrom(from?.output.generation ?? FIRST_GENERATION) !== undefined) return 'the next stage was rescaled since its last checkpoint';
    task.log.event('NOTE', 'looking for a tuple that it dies of');
    const startedAt = task.clock.now();
    const tuples = new FedTuples({ journal, format: task.stage.inputFormat, from, end, skipped });
    const search = this.#find(tuples, { from, end }, bySigkill);
    this.#search = search.catch(() => undefined);
    const result = await search;
    if (result.kind === 'none') return this.#timedOut ? `it was not found within ${(this.#options.settings.searchMs ?? 0) / 1000} s` : result.reason;
    if (this.#stopped) return 'the task was stopped';
    await this.#record(await tuples.at(result.ordinal), task.clock.now() - startedAt);
    return undefined;
  }

  /** A consumer may have said where it stands. */
  heard(): void {
    this.#answered?.();
  }

  /** Ends a search; resolves when no process of it is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#endTrial();
    await this.#search;
  }

  async #find(tuples: FedTuples, fed: Fed, bySigkill: boolean): Promise<SearchResult> {
    const { task, settings } = this.#options;
    this.#trials = 0;
    const timer = new AbortController();
    if (settings.searchMs !== undefined) {
      void task.clock.wait(settings.searchMs, timer.signal).then(() => {
        if (timer.signal.aborted) return;
        this.#timedOut = true;
        this.#endTrial();
      });
    }
    try {
      return await new PoisonSearch({
        tuples: await tuples.count(),
        bySigkill,
        tryOut: (input, compare) => this.#tryOut(input, compare, fed),
        tuple: async (ordinal) => (await tuples.at(ordinal)).bytes,
      }).find();
    } finally {
      timer.abort();
    }
  }

  async #tryOut(input: TrialInput, compare: boolean, fed: Fed): Promise<Verdict> {
    const { task, title, skipped } = this.#options;
    if (compare) await this.#untilAnswered();
    if (this.#over) return 'stopped';
    this.#trials += 1;
    this.#trial = new Trial({ task, title, ...fed, skipped, input, compare });
    try {
      return await this.#trial.run();
    } finally {
      this.#trial = undefined;
    }
  }

  /** What a consumer has can be told when it has said so. */
  async #untilAnswered(): Promise<void> {
    const { lanes } = this.#options.task;
    while (!this.#over && lanes.connected.some(({ known }) => known === undefined)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#answered = resolve;
      await promise;
    }
  }

  get #over(): boolean {
    return this.#stopped || this.#timedOut;
  }

  #endTrial(): void {
    this.#trial?.stop();
    this.#answered?.();
  }

  /** SK1, SK4, SK5 */
  async #record({ position, index, producer, sequence, bytes }: FedTuple, ms: number): Promise<void> {
    const { task, settings, journal, skipped } = this.#options;
    const { tuples, bytes: offsetBytes } = skipped.totals;
    const skip: Skip = { position, index, order: tuples, offsetBytes, lengthBytes: bytes.length };
    await journal.append({ kind: 'skip', skip });
    skipped.add(skip);
    await settings.deadLetters.write(bytes, offsetBytes);
    const channel = task.receivers().find((receiver) => receiver.producer === producer)?.name ?? '';
    const shown = escapeTuple(bytes, 0, Math.min(bytes.length - 1, SHOWN_BYTES)).toString();
    task.log.event('SKIP', `position=${position} index=${index} channel=${channel} number=${sequence} bytes=${bytes.length} trials=${this.#trials} ms=${Math.round(ms)} tuple=${shown}`);
    task.changed();
  }
}
