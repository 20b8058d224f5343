import type { Writable } from 'node:stream';
import { errnoOf } from '../base/errors.ts';
import type { Sink } from './sink.ts';
import { sinkFailed } from './sink-failed.ts';

/** What a write says when nobody reads any more: a pipe's, a socket's, and Node's own for a stream that failed before. */
const READER_GONE: ReadonlySet<string> = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END']);

/**
 * Tuples into a stream that belongs to somebody else, who closes it. What is written is out and cannot be taken back, so
 * publish and abandon only end the writing.
 */
export class StdoutSink implements Sink {
  readonly bytes = undefined;
  readonly #stream: Writable;
  readonly #name: string;
  /** Written with the first tuples or at the end, so that a job which fails at once prints nothing. */
  #headerRow: string | undefined;
  #closed = false;
  /** Ends a write that waits for a reader; set while one does. */
  #endWrite: (() => void) | undefined;

  /** `headerRow`: without newline, undefined for none. `name`: the stream's, for messages. */
  constructor(stream: Writable, headerRow: string | undefined, name = 'stdout') {
    this.#stream = stream;
    this.#headerRow = headerRow;
    this.#name = name;
    // Each failure is told to the write it belongs to as well; without a listener it would end the process.
    stream.on('error', () => undefined);
  }

  async write(buffers: readonly Buffer[]): Promise<'open' | 'closed'> {
    if (this.#closed) return 'closed';
    const header = this.#takeHeader();
    const bytes = header === undefined ? buffers : [header, ...buffers];
    if (bytes.length === 0) return 'open';
    const error = await this.#writeAll(bytes);
    if (error !== undefined) this.#fail(error);
    return this.#closed ? 'closed' : 'open';
  }

  async finish(): Promise<void> {
    // Each write waits until its bytes are out, so nothing is left to flush but a header without tuples.
    if (this.#headerRow !== undefined) await this.write([]);
  }

  async publish(): Promise<void> {}

  async abandon(): Promise<void> {
    this.#closed = true;
    this.#endWrite?.();
  }

  leave(): Promise<void> {
    return this.abandon();
  }

  #takeHeader(): Buffer | undefined {
    const row = this.#headerRow;
    this.#headerRow = undefined;
    return row === undefined ? undefined : Buffer.from(`${row}\n`);
  }

  /** Resolves when the system has the last buffer, with the first error of any. */
  #writeAll(buffers: readonly Buffer[]): Promise<Error | undefined> {
    return new Promise((resolve) => {
      let failure: Error | undefined;
      this.#endWrite = () => resolve(undefined);
      this.#stream.cork();
      buffers.forEach((buffer, index) => {
        this.#stream.write(buffer, (error) => {
          failure ??= error ?? undefined;
          if (index === buffers.length - 1) resolve(failure);
        });
      });
      this.#stream.uncork();
    });
  }

  #fail(error: Error): void {
    const wasClosed = this.#closed;
    this.#closed = true;
    if (wasClosed || READER_GONE.has(errnoOf(error) ?? '')) return;
    throw sinkFailed(this.#name, error);
  }
}
