import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { errnoOf, RainstormError } from '../base/errors.ts';
import type { Sink } from './sink.ts';
import { sinkFailed } from './sink-failed.ts';
import { StdoutSink } from './stdout-sink.ts';

/** How often a pipe without a reader is tried again: soon enough for a person, rare enough to cost nothing. */
const READER_POLL_MS = 50;

/** A reader that has not come by then was forgotten; waiting for ever would look like a job that hangs. */
const READER_WAIT_MS = 60_000;

/**
 * A named pipe. Written through a socket over its descriptor: a file write that waits for a slow reader would hold one of
 * libuv's four threads, and nothing could end it.
 */
export class PipeSink implements Sink {
  readonly bytes = undefined;
  readonly #socket: Socket;
  readonly #out: StdoutSink;
  #ended: Promise<void> | undefined;

  private constructor(path: string, fd: number, headerRow: string | undefined) {
    this.#socket = new Socket({ fd, readable: false, writable: true });
    this.#out = new StdoutSink(this.#socket, headerRow, path);
  }

  /** Waits for the pipe's reader. Throws SINK_FAILED, also when none comes within a minute. */
  static async open(path: string, headerRow: string | undefined, clock: Clock): Promise<PipeSink> {
    return new PipeSink(path, await openForReader(path, clock), headerRow);
  }

  write(buffers: readonly Buffer[]): Promise<'open' | 'closed'> {
    return this.#out.write(buffers);
  }

  async finish(): Promise<void> {
    await this.#out.finish();
    this.#ended ??= this.#end();
    await this.#ended;
  }

  async publish(): Promise<void> {}

  async abandon(): Promise<void> {
    await this.#out.abandon();
    this.#socket.destroy();
  }

  leave(): Promise<void> {
    return this.abandon();
  }

  /** Every write was waited for, so closing loses nothing. */
  #end(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#socket.closed) resolve();
      else this.#socket.once('close', () => resolve());
      this.#socket.destroy();
    });
  }
}

async function openForReader(path: string, clock: Clock): Promise<number> {
  const untilMs = clock.now() + READER_WAIT_MS;
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      // ENXIO: nobody has the pipe open for reading yet.
      if (errnoOf(error) !== 'ENXIO') throw sinkFailed(path, error);
      if (clock.now() >= untilMs) {
        throw new RainstormError('SINK_FAILED', `nobody reads the named pipe ${path}`, {
          hint: `Start its reader first, as in: cat ${path} &`,
        });
      }
    }
    await clock.wait(READER_POLL_MS);
  }
}
