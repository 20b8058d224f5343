import type { Outcome } from './attempt-options.ts';
import type { OperatorCopy } from './operator-copy.ts';
import type { ProcessGroup } from './operator-process.ts';

/** Every copy of an attempt whose processes may be there, from before it is started until it is gone. */
export class Copies {
  readonly #ended: (outcome: Outcome) => void;
  readonly #copies = new Set<OperatorCopy>();
  #outcome: Outcome | undefined;
  #told = false;

  /** `ended`: the attempt has an outcome, and no process of it is left. Called once. */
  constructor(ended: (outcome: Outcome) => void) {
    this.#ended = ended;
  }

  get groups(): readonly ProcessGroup[] {
    return [...this.#copies].flatMap((copy) => copy.groups);
  }

  get none(): boolean {
    return this.#copies.size === 0;
  }

  /** Throws what it cannot be started for. */
  async start(copy: OperatorCopy): Promise<void> {
    this.#copies.add(copy);
    try {
      await copy.start();
    } catch (error) {
      this.gone(copy);
      throw error;
    }
    if (this.#outcome !== undefined) copy.kill();
  }

  gone(copy: OperatorCopy): void {
    this.#copies.delete(copy);
    this.#tellIfGone();
  }

  letGo(): void {
    for (const copy of this.#copies) copy.letGo();
  }

  signal(signal: NodeJS.Signals): void {
    for (const copy of this.#copies) copy.signal(signal);
  }

  /** Kills them all; only the first outcome counts. */
  end(outcome: Outcome): void {
    this.#outcome ??= outcome;
    for (const copy of this.#copies) copy.kill();
    this.#tellIfGone();
  }

  #tellIfGone(): void {
    if (this.#outcome === undefined || this.#told || !this.none) return;
    this.#told = true;
    this.#ended(this.#outcome);
  }
}
