import type { SinkCommit, SinkCommits } from './sink-commits.ts';

interface Written {
  readonly commit: SinkCommit;
  readonly ack: () => void;
}

/**
 * What a sink has written and not acked yet, while it writes on.
 *
 * C3 One commit at a time. It says how far the sink was when its last write had ended, and so covers all that was written
 *    while the commit before was under way: a fast sink commits less often than it writes.
 */
export class SinkAcks {
  readonly #commits: SinkCommits;
  readonly #failed: (error: unknown) => void;
  #written: Written[] = [];
  #committing: Promise<void> | undefined;

  /** `failed`: a commit has failed, and nothing is acked any more. */
  constructor(commits: SinkCommits, failed: (error: unknown) => void) {
    this.#commits = commits;
    this.#failed = failed;
  }

  /** A write has ended, with which the sink is where `commit` says; `ack` is called when that is committed. */
  written(commit: SinkCommit, ack: () => void): void {
    this.#written.push({ commit, ack });
    this.#committing ??= this.#commitAll();
  }

  /** Resolves when everything written is committed and acked, or a commit has failed. */
  async settled(): Promise<void> {
    await this.#committing;
  }

  async #commitAll(): Promise<void> {
    try {
      for (let last = this.#written.at(-1); last !== undefined; last = this.#written.at(-1)) {
        const covered = this.#written.length;
        await this.#commits.commit(last.commit);
        for (const { ack } of this.#written.splice(0, covered)) ack();
      }
      this.#committing = undefined;
    } catch (error) {
      // What is written from now on waits for a commit that never comes.
      this.#failed(error);
    }
  }
}
