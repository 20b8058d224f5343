/**
 * The file that the sink writes: it outlives tasks and workers, and in a power failure loses what was not flushed. What a
 * worker still writes that was declared dead reaches nobody: on one machine it is killed before another goes on.
 */
import { RainstormError } from '../../src/base/errors.ts';
import type { Sink } from '../../src/connect/sink.ts';
import type { Durability } from '../../src/log/log.ts';
import type { SinkCommit } from '../../src/task/sink-commits.ts';
import type { SimProcess } from './sim-process.ts';
import { linesOf } from './shape.ts';

export class SimResult {
  readonly #durability: Durability;
  readonly #violated: (what: string) => void;
  readonly #rescaled: () => boolean;
  #partial: Buffer | undefined;
  #published: Buffer | undefined;
  #flushedBytes = 0;
  /** The greatest that has opened it. */
  #attempt = 0;
  /** Who opened it last. */
  #writer: object | undefined;

  /** `rescaled`: a commit says nothing any more of channels of tasks that others have taken the place of. */
  constructor(durability: Durability, violated: (what: string) => void, rescaled: () => boolean) {
    this.#rescaled = rescaled;
    this.#violated = violated;
    this.#durability = durability;
  }

  /** Undefined before it is there. */
  get lines(): string[] | undefined {
    return this.#published === undefined ? undefined : linesOf(this.#published);
  }

  crash(process: SimProcess): void {
    if (this.#partial === undefined) return;
    const unflushed = Math.max(0, this.#partial.length - this.#flushedBytes);
    this.#partial = this.#partial.subarray(0, this.#partial.length - unflushed + process.random.below(unflushed + 1));
  }

  /** Check 13: what is gone on with is what the last commit says. */
  open(process: SimProcess, attempt: number, from: SinkCommit | undefined): Sink {
    if (attempt < this.#attempt) return this.#writeTo(process, {}, from?.bytes ?? 0);
    this.#attempt = attempt;
    const isPublished = from?.finalizing === true && this.#partial === undefined && this.#published?.length === from.bytes;
    if (!isPublished) {
      const found = from === undefined ? Buffer.alloc(0) : (this.#partial ?? Buffer.alloc(0));
      const bytes = from?.bytes ?? 0;
      if (found.length < bytes) this.#violated(`check 13: ${bytes} bytes of the result are committed, and ${found.length} there`);
      this.#partial = found.subarray(0, bytes);
      this.#flushedBytes = Math.min(this.#flushedBytes, bytes);
      const lines = linesOf(this.#partial).length;
      const counted = [...(from?.positions.values() ?? [])].reduce((sum, { next }) => sum + next, 0);
      if (lines !== (from?.tuples ?? 0) || (lines !== counted && !this.#rescaled())) this.#violated(`check 13: ${lines} tuples are in the result, ${from?.tuples ?? 0} are committed, ${counted} by channel`);
    }
    this.#writer = {};
    return this.#writeTo(process, this.#writer, from?.bytes ?? 0);
  }

  #writeTo(process: SimProcess, writer: object, from: number): Sink {
    let bytes = from;
    let left = false;
    const append = async (buffer: Buffer) => {
      await process.pause();
      if (this.#writer === writer) this.#partial = Buffer.concat([this.#partial ?? Buffer.alloc(0), buffer]);
    };
    const flush = async () => {
      await process.pause();
      if (this.#writer === writer) this.#flushedBytes = this.#partial?.length ?? 0;
    };
    return {
      get bytes() {
        return bytes;
      },
      write: async (buffers) => {
        for (const buffer of buffers) {
          await append(buffer);
          if (left) return 'closed';
          bytes += buffer.length;
        }
        if (this.#durability === 'host') await flush();
        return 'open';
      },
      finish: () => flush(),
      publish: async () => {
        await process.pause();
        if (this.#writer !== writer) throw new RainstormError('SINK_FAILED', 'another has the result');
        this.#published = this.#partial ?? this.#published;
        this.#partial = undefined;
      },
      abandon: () => {
        left = true;
        if (this.#writer === writer) this.#partial = undefined;
        return Promise.resolve();
      },
      leave: () => {
        left = true;
        return Promise.resolve();
      },
    };
  }
}
