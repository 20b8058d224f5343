/** Wakes the one loop that waits for several things. What happens while it is busy is not lost: its next wait is over at once. */
export class Signal {
  #raised = false;
  #wake: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#wake?.();
  }

  /** Waits until `raise` is called, or was since the last wait. */
  async wait(): Promise<void> {
    if (!this.#raised) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
    this.#raised = false;
  }
}
