import type { Outcome } from './attempt-options.ts';
import type { OperatorCopy } from './operator-copy.ts';
import type { ProcessGroup } from './operator-process.ts';

/** Every copy of an attempt whose processes may be there, from before it is started until it is gone. */
export class Copies {
  readonly #ended: (outcome: Outcome) => void;
  readonly #copies = new Set<OperatorCopy>();
  #outcome: Outcome | undefined;
  #unwanted: Outcome | undefined;
  #told = false;

  /** `ended`: the attempt has an outcome, and no process of it is left. Called once. */
  constructor(ended: (outcome: Outcome) => void) {
    this.#ended = ended;
  }

  get groups(): readonly ProcessGroup[] {
    return [...this.#copies].flatMap((copy) => copy.groups);
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

  /** Nobody wants their output. `outcome`: that of the attempt when they are gone, unless it has another before. */
  letGo(outcome: Outcome): void {
    this.#unwanted = outcome;
    for (const copy of this.#copies) copy.letGo();
    this.#tellIfGone();
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
    const outcome = this.#outcome ?? this.#unwanted;
    if (outcome === undefined || this.#told || this.#copies.size > 0) return;
    this.#told = true;
    this.#ended(outcome);
  }
}
