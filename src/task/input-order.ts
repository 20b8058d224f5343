/**
 * What a task has accepted and not yet handed on, in the order of acceptance, over all producers.
 *
 * N1 Frames leave in the order in which they came.
 * N2 The end of input comes once, when the channels of all producers that there are and will be have ended and everything
 *    before has left.
 */

/** Taken frames are dropped from the array's front in bulk. */
const COMPACT_AFTER_FRAMES = 256;

/** Whose channels must end before a task's input does. */
export interface Producers {
  /** By their numbers (job/task-id). */
  readonly numbers: readonly number[];
  /** Others will come: the stage before is being rescaled. */
  readonly more: boolean;
}

export class InputOrder<Frame> {
  readonly #producers: () => Producers;
  readonly #ended = new Set<number>();
  #superseded = false;
  #frames: (Frame | undefined)[] = [];
  #head = 0;

  constructor(producers: () => Producers) {
    this.#producers = producers;
  }

  get empty(): boolean {
    return this.#head === this.#frames.length;
  }

  /** Nothing is left and nothing will come. */
  get ended(): boolean {
    if (!this.empty) return false;
    const { numbers, more } = this.#producers();
    return !more && numbers.every((producer) => this.#ended.has(producer));
  }

  /** The task has a successor: what some producer puts out goes to that. */
  get superseded(): boolean {
    return this.#superseded;
  }

  accept(frame: Frame): void {
    this.#frames.push(frame);
  }

  end(producer: number, superseded = false): void {
    this.#ended.add(producer);
    if (superseded) this.#superseded = true;
  }

  take(): Frame | undefined {
    const frame = this.#frames[this.#head];
    if (frame === undefined) return undefined;
    this.#frames[this.#head] = undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_AFTER_FRAMES) {
      this.#frames.splice(0, this.#head);
      this.#head = 0;
    }
    return frame;
  }
}
