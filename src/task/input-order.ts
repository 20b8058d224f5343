/**
 * What a task has accepted and not yet handed on, in the order of acceptance, over all producers.
 *
 * N1 Frames leave in the order in which they came.
 * N2 The end of input comes once, when every producer's channel has ended and everything before has left.
 */

/** Taken frames are dropped from the array's front in bulk. */
const COMPACT_AFTER_FRAMES = 256;

export class InputOrder<Frame> {
  readonly #producers: number;
  readonly #ended = new Set<number>();
  #frames: (Frame | undefined)[] = [];
  #head = 0;

  /** `producers`: how many channels must end before the input does. */
  constructor(producers: number) {
    this.#producers = producers;
  }

  get empty(): boolean {
    return this.#head === this.#frames.length;
  }

  /** Nothing is left and nothing will come. */
  get ended(): boolean {
    return this.empty && this.#ended.size === this.#producers;
  }

  accept(frame: Frame): void {
    this.#frames.push(frame);
  }

  /** `producer`: its index among the task's producers. */
  end(producer: number): void {
    this.#ended.add(producer);
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
