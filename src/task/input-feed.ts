/**
 * What an attempt of an operator is fed, and when it is asked for a checkpoint.
 *
 * Z1 The entries behind the attempt's checkpoint are read from the journal up to the last that was fed to any attempt; those
 *    behind are still in memory. Together that is the journal's order.
 *    But for what is left out: that lies among those read (SK1).
 * Z2 A cut is appended to the journal and takes effect at its place there, in each attempt alike: the end of input waits for it.
 * Z3 A checkpoint is asked for between two entries, one at a time, and not while the journal is replayed.
 * Z4 Where output is held until a checkpoint has it, the last checkpoint stands behind all of it, and nothing is fed behind that.
 * Z5 A task that is superseded shows its operator no end of input, but where that hands nothing over: its last checkpoint stands
 *    behind all of its input, for its successors.
 * Z6 While the task is frozen nothing is fed; what comes counts as fed to some attempt, so that the next finds it in the journal.
 */
import { decodeRange, type InputPiece } from '../job/file-range.ts';
import { handOverOf } from '../job/hand-over.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import { CheckpointTiming } from './checkpoint-timing.ts';
import { Checkpoints } from './checkpoints.ts';
import { FeedPosition } from './feed-position.ts';
import type { RecordedCheckpoint } from './input-journal.ts';
import { InputOrder } from './input-order.ts';
import type { JournaledEntry } from './journaled-entry.ts';
import type { OperatorAttempt } from './operator-attempt.ts';
import type { OperatorTaskOptions, RecoveredInput } from './operator-task-options.ts';
import type { SkippedTuples } from './skipped-tuples.ts';

export interface InputFeedOptions extends Pick<OperatorTaskOptions, 'stage' | 'producers' | 'journal' | 'lanes' | 'log' | 'clock'> {
  /** There may be something to do: call `pump`, unless the task has other plans. */
  readonly room: () => void;
  readonly failed: (error: unknown) => void;
  readonly skipped: SkippedTuples;
}

export class InputFeed {
  readonly #options: InputFeedOptions;
  readonly #order: InputOrder<JournaledEntry>;
  readonly #timing: CheckpointTiming;
  /** Undefined where none are made. */
  readonly #checkpoints: Checkpoints | undefined;
  #position: FeedPosition;
  #attempt: OperatorAttempt | undefined;
  /** Fed live: not while the journal is replayed. */
  #live = false;
  #feeding = false;
  #discarding = false;
  /** Z6 */
  #frozen = false;
  #over = false;
  /** Journal entries before this were fed to some attempt. */
  #fedEnd: number;
  /** The attempt was cut, which no recorded checkpoint covers. */
  #cutOpen = false;
  /** There is a cut that was fed to no attempt, in the journal or on its way there: it outlives the attempt that asked for it. */
  #cutComing = false;
  #completed: (() => void) | undefined;
  /** Where no checkpoints are made: the one that the task's journal began with, if its stage had other tasks before. */
  readonly #inherited: RecordedCheckpoint | undefined;
  #backlogBytes = 0;

  constructor(options: InputFeedOptions, { end, positions, checkpoint }: RecoveredInput) {
    this.#options = options;
    const { stage, producers, journal, clock, room, failed } = options;
    this.#order = new InputOrder(producers);
    this.#position = new FeedPosition(options.skipped.totals);
    this.#fedEnd = end;
    for (const [producer, { ended, superseded }] of positions) if (ended) this.#order.end(producer, superseded);
    this.#inherited = checkpoint;
    this.#timing = new CheckpointTiming(stage, clock, room);
    if (journal === undefined || stage.contract === 'replay') return;
    this.#checkpoints = new Checkpoints({ ...options, contract: stage.contract, journal, recorded: (made, durationMs) => this.#recorded(made, durationMs), failed }, checkpoint);
  }

  /** What the next attempt begins with; ask when `settled`. */
  get checkpoint(): RecordedCheckpoint | undefined {
    return this.#checkpoints === undefined ? this.#inherited : this.#checkpoints.last;
  }

  /** Resolves when no checkpoint is being recorded. */
  async settled(): Promise<void> {
    await this.#checkpoints?.settled();
  }

  /** The attempt has reached the place that a checkpoint was asked for at. */
  offer(checkpoint: Checkpoint): void {
    if (!this.#over) this.#checkpoints?.offer(checkpoint);
  }

  /** So much output waits for a checkpoint that one is due. */
  hurry(): void {
    this.#timing.hurry();
    this.#options.room();
  }

  /** Z4. `attempt` is complete; resolves when its last output is released. */
  async complete(attempt: OperatorAttempt): Promise<void> {
    this.forget();
    await this.settled();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#completed = resolve;
    this.offer({ ...this.#position.mark, ...attempt.outlet.take(), state: Buffer.alloc(0), complete: true });
    await promise;
  }

  /** Consumers have acked something, or want nothing more. */
  acked(): void {
    this.#checkpoints?.acked();
  }

  /** The task is: nothing is recorded from here on but what is being recorded. */
  end(): void {
    this.#over = true;
    this.forget();
  }

  /** The attempt is over: what it had in flight is void. */
  forget(): void {
    this.#timing.stop();
    this.#checkpoints?.forget();
  }

  /** The task has successors, which go on where it is at the end of its input. */
  get superseded(): boolean {
    return this.#order.superseded;
  }

  /** Bytes of tuples that the attempt was fed, together with those before its checkpoint. */
  get inputBytes(): number {
    return this.#position.inputBytes;
  }

  /** Journal entries before this were fed to some attempt. */
  get fedEnd(): number {
    return this.#fedEnd;
  }

  /** Accepted and not fed to any attempt. */
  get backlogBytes(): number {
    return this.#backlogBytes;
  }

  accept(entry: JournaledEntry): void {
    if (entry.kind === 'fin') this.#order.end(entry.producer, entry.superseded);
    if (this.#discarding) {
      if (entry.kind === 'frame') entry.receiver.fed(entry.bytes.length);
      return;
    }
    if (entry.kind === 'frame') this.#backlogBytes += this.#pieceOf(entry.bytes).length;
    this.#order.accept(entry);
  }

  /** Z6 */
  freeze(): void {
    this.#frozen = true;
    this.#pass();
  }

  /** The next attempt finds in the journal what has come meanwhile. */
  thaw(): void {
    this.#frozen = false;
  }

  /** All input has come, and nothing waits. */
  get ended(): boolean {
    return this.#order.ended;
  }

  /** Drops what waits and what will still come. */
  discard(): void {
    this.#discarding = true;
    this.#timing.stop();
    this.#pass();
  }

  /** Feeds an attempt that has been started, from its checkpoint on. */
  async run(attempt: OperatorAttempt, from: RecordedCheckpoint | undefined): Promise<void> {
    this.#attempt = attempt;
    this.#live = false;
    this.#position = new FeedPosition(this.#options.skipped.totals, from);
    this.#timing.begun();
    await this.#replay(attempt, from?.after ?? 0);
    if (this.#attempt !== attempt || attempt.over) return;
    this.#live = true;
    this.pump();
  }

  /** Feeds what there is as long as there is room. */
  pump(): void {
    if (this.#frozen) return this.#pass();
    const attempt = this.#attempt;
    if (attempt === undefined || !this.#live || this.#feeding) return;
    this.#feeding = true;
    while (!attempt.full && !attempt.over) {
      const entry = this.#order.take();
      if (entry === undefined) break;
      this.#feed(attempt, entry);
    }
    if (!attempt.over) this.#checkpointIfDue(attempt);
    if (this.#order.ended && !this.#cutComing && !attempt.over) this.#endInput(attempt);
    this.#feeding = false;
  }

  /** Z6: nothing of it waits any more. */
  #pass(): void {
    this.#backlogBytes = 0;
    for (let entry = this.#order.take(); entry !== undefined; entry = this.#order.take()) {
      this.#fedEnd = entry.position + 1;
      if (entry.kind === 'frame') entry.receiver.fed(entry.bytes.length);
    }
  }

  /** Z5 */
  #endInput(attempt: OperatorAttempt): void {
    if (!this.superseded || handOverOf(this.#options.stage) === 'drain') return attempt.endInput();
    const isBusy = this.#checkpoints?.inFlight === true || this.#cutOpen;
    if (!isBusy && attempt.handOver(this.#position.mark)) this.#checkpoints?.begin();
  }

  #feed(attempt: OperatorAttempt, entry: JournaledEntry): void {
    this.#fedEnd = entry.position + 1;
    switch (entry.kind) {
      case 'frame': {
        const { receiver, position, first, count, bytes, digest } = entry;
        const piece = this.#pieceOf(bytes);
        this.#backlogBytes -= piece.length;
        this.#position.frame(position, receiver.producer, first + count, { payload: bytes, inputBytes: piece.length, digest });
        this.#timing.fed(piece.length);
        return attempt.feed(piece, () => receiver.fed(bytes.length));
      }
      case 'fin':
        return this.#position.fin(entry.position, entry.producer, entry.superseded);
      case 'cut':
        this.#cutComing = false;
        return this.#cut(attempt, entry.position);
    }
  }

  /** What a frame's payload stands for. */
  #pieceOf(payload: Buffer): InputPiece {
    const { readsFiles } = this.#options.stage;
    return readsFiles === undefined ? payload : decodeRange(payload, readsFiles);
  }

  /** Z1 */
  async #replay(attempt: OperatorAttempt, start: number): Promise<void> {
    const { journal, clock, log, skipped } = this.#options;
    const end = this.#fedEnd;
    if (journal === undefined || end <= start) return;
    const startedAt = clock.now();
    let tuples = 0;
    for await (const { position, entry } of journal.read(start)) {
      if (position >= end || attempt.over) break;
      await attempt.untilRoom();
      if (entry.kind === 'frame') {
        const inputBytes = this.#pieceOf(entry.bytes).length;
        this.#position.frame(position, entry.producer, entry.first + entry.count, { payload: entry.bytes, inputBytes, digest: undefined });
        this.#timing.fed(inputBytes);
        const left = skipped.leave(position, entry);
        if (left.count > 0) attempt.feed(this.#pieceOf(left.bytes), () => undefined);
        tuples += left.count;
      } else if (entry.kind === 'fin') this.#position.fin(position, entry.producer, entry.superseded);
      else if (entry.kind === 'cut') this.#cut(attempt, position);
    }
    const ms = Math.round(clock.now() - startedAt);
    log.event('REPLAY', `attempt=${attempt.number} positions=${start}..${end} tuples=${tuples} ms=${ms}${attempt.over ? ' (cut short)' : ''}`);
  }

  /** Z2 */
  #cut(attempt: OperatorAttempt, position: number): void {
    this.#position.pass(position);
    this.#cutOpen = attempt.cut(this.#position.mark);
    if (!this.#cutOpen) this.#checkpoints?.forget();
  }

  /** The checkpoint that was in flight counts. */
  #recorded({ stateBytes, complete }: RecordedCheckpoint, durationMs: number): void {
    this.#cutOpen = false;
    this.#timing.recorded(stateBytes, durationMs);
    this.#attempt?.release();
    if (complete) this.#attempt?.complete();
    this.#completed?.();
    this.#options.room();
  }

  /** Z3 */
  #checkpointIfDue(attempt: OperatorAttempt): void {
    const { stage, journal } = this.#options;
    const checkpoints = this.#checkpoints;
    if (checkpoints === undefined || journal === undefined || !this.#timing.due || this.#discarding || this.#order.ended) return;
    if (checkpoints.inFlight || this.#cutOpen || this.#cutComing || !attempt.canCheckpoint) return;
    this.#timing.begun();
    checkpoints.begin();
    if (stage.contract === 'snapshot') return attempt.ask(this.#position.mark);
    this.#cutComing = true;
    attempt.prepareCut();
    journal.append({ kind: 'cut' }).then((position) => {
      this.accept({ kind: 'cut', position });
      this.#options.room();
    }).catch(this.#options.failed);
  }
}
