/**
 * A log for people with grep: one event a line, `<time> <EVENT> <details>`.
 *
 * Nothing is dropped silently: a cap that bites leaves one line that says so. A full disk does not end the work, whose
 * output may well lie elsewhere; `failure` tells.
 */
import { createWriteStream, mkdirSync, statSync, type WriteStream } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './errors.ts';

/** A log past this size comes from a program gone wild on stderr, or `--log-tuples all` on a long job. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

const NEWLINE = Buffer.from('\n');

export class EventLog {
  readonly path: string;
  readonly #stream: WriteStream;
  #writtenBytes: number;
  #capped = false;
  #failure: Error | undefined;

  /** Opens the file for appending; the folder is made if needed. */
  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#writtenBytes = sizeOf(path);
    this.#stream = createWriteStream(path, { flags: 'a' });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** Why events could not be written, if they could not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** `details` must be free of newlines. */
  write(event: string, details: Buffer): void {
    if (this.#capped) return;
    const head = Buffer.from(`${new Date().toISOString()} ${event} `);
    this.#writtenBytes += head.length + details.length + 1;
    if (this.#writtenBytes > MAX_LOG_BYTES) {
      this.#capped = true;
      this.#stream.write(`${new Date().toISOString()} NOTE the log ends here: it has reached ${MAX_LOG_BYTES} bytes\n`);
      return;
    }
    this.#stream.write(Buffer.concat([head, details, NEWLINE]));
  }

  text(event: string, details: string): void {
    this.write(event, Buffer.from(details.replaceAll('\n', '\\n')));
  }

  async close(): Promise<void> {
    if (this.#stream.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.once('close', resolve);
    this.#stream.end();
    await promise;
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
