/**
 * The checkpoints of one task, from the moment an attempt has one to offer to the moment its journal is shorter for it.
 *
 * X1 A checkpoint is recorded only when every consumer has acked the outputs before it, or wants nothing more: who begins
 *    there cannot make them again.
 * X2 Only when it is recorded durably is the journal cut, and nothing at or behind its `after`.
 * X3 One is in flight at a time. One whose attempt ends before it is being recorded is forgotten, as if never asked for.
 * X4 An attempt begins at the last checkpoint that is recorded, or being recorded, when it starts.
 */
import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import type { Contract } from '../job/contract.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import type { InputJournal, RecordedCheckpoint } from './input-journal.ts';
import type { Lanes } from './lanes.ts';
import type { TaskLog } from './local-log.ts';

export interface CheckpointsOptions {
  readonly contract: Contract;
  readonly journal: InputJournal;
  readonly lanes: Lanes;
  readonly log: TaskLog;
  readonly clock: Clock;
  /** It is durable, and the next may be begun. */
  readonly recorded: (checkpoint: RecordedCheckpoint, durationMs: number) => void;
  readonly failed: (error: unknown) => void;
}

export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #last: RecordedCheckpoint | undefined;
  #begunAt: number | undefined;
  #offered: Checkpoint | undefined;
  #recording: Promise<void> | undefined;

  /** `last`: the one found in the journal. */
  constructor(options: CheckpointsOptions, last: RecordedCheckpoint | undefined) {
    this.#options = options;
    this.#last = last;
  }

  /** X4: what the next attempt begins with; ask when `settled`. */
  get last(): RecordedCheckpoint | undefined {
    return this.#last;
  }

  /** X3 */
  get inFlight(): boolean {
    return this.#begunAt !== undefined;
  }

  begin(): void {
    this.#begunAt ??= this.#options.clock.now();
  }

  /** An attempt has come to the end of what lies before the checkpoint, and has made all output that follows from it. */
  offer(checkpoint: Checkpoint): void {
    invariant(this.#offered === undefined && this.#recording === undefined, 'X3: one checkpoint in flight');
    this.begin();
    this.#offered = checkpoint;
    this.acked();
  }

  /** Consumers have acked something, or want nothing more. */
  acked(): void {
    const offered = this.#offered;
    // X1
    if (offered === undefined || !this.#options.lanes.isAcked(offered.output)) return;
    this.#offered = undefined;
    this.#recording = this.#record(offered).catch((error: unknown) => this.#options.failed(error)).finally(() => {
      this.#recording = undefined;
    });
  }

  /** X3: the attempt has ended. */
  forget(): void {
    this.#offered = undefined;
    if (this.#recording === undefined) this.#begunAt = undefined;
  }

  /** Resolves when nothing is being recorded any more. */
  async settled(): Promise<void> {
    await this.#recording;
  }

  async #record(checkpoint: Checkpoint): Promise<void> {
    const { contract, journal, lanes, log, clock, recorded } = this.#options;
    const bytesBefore = journal.bytes;
    const made = await journal.record({ ...checkpoint, output: lanes.withStops(checkpoint.output) });
    this.#last = made;
    const durationMs = clock.now() - (this.#begunAt ?? clock.now());
    // X2
    await journal.cut(made);
    this.#begunAt = undefined;
    const { after, stateBytes, heldBytes } = made;
    log.event('CHECKPOINT', `contract=${contract} after=${after} out=${made.output.tuples} stateBytes=${stateBytes}${heldBytes > 0 ? ` heldBytes=${heldBytes}` : ''} journalBytes=${bytesBefore}..${journal.bytes} ms=${Math.round(durationMs)}`);
    recorded(made, durationMs);
  }
}
