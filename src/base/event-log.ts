/**
 * A log for people with grep: one event a line, `<time> <EVENT> <details>`.
 *
 * Lines are written at once and in place: they are there when the process is killed the next moment, and nothing piles up
 * in memory behind hundreds of logs. What is written goes to the page cache, which takes microseconds.
 *
 * Nothing is dropped silently: a cap that bites leaves one line that says so. A full disk does not end the work, whose
 * output may well lie elsewhere; `failure` tells.
 */
import { closeSync, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { errnoOf } from './errors.ts';

/** A log past this size comes from a program gone wild on stderr, or `--log-tuples all` on a long job. */
const MAX_LOG_BYTES = 64 * 1024 * 1024;

const NEWLINE = Buffer.from('\n');

export class EventLog {
  readonly path: string;
  #fd: number | undefined;
  #writtenBytes: number;
  #capped = false;
  #failure: Error | undefined;
  #listener: ((event: string, details: string) => void) | undefined;

  /** Opens the file for appending; the folder is made if needed. */
  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#fd = openSync(path, 'a');
    this.#writtenBytes = fstatSync(this.#fd).size;
  }

  /** Why events could not be written, if they could not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Tells it of each `text` from now on, whatever becomes of the file. */
  listen(listener: (event: string, details: string) => void): void {
    this.#listener = listener;
  }

  /** `details` must be free of newlines. */
  write(event: string, details: Buffer): void {
    this.writeLines(Buffer.concat([this.head(event), details, NEWLINE]));
  }

  text(event: string, details: string): void {
    this.#listener?.(event, details);
    this.write(event, Buffer.from(details.replaceAll('\n', '\\n')));
  }

  /** What a line of this event begins with, now. */
  head(event: string): Buffer {
    return Buffer.from(`${new Date().toISOString()} ${event} `);
  }

  /** Whole lines, each begun with a `head`. After `close` they are of no use to anybody any more. */
  writeLines(lines: Buffer): void {
    if (this.#capped || this.#fd === undefined) return;
    this.#writtenBytes += lines.length;
    this.#capped = this.#writtenBytes > MAX_LOG_BYTES;
    this.#append(this.#fd, this.#capped ? Buffer.from(`${new Date().toISOString()} NOTE the log ends here: it has reached ${MAX_LOG_BYTES} bytes\n`) : lines);
  }

  close(): void {
    if (this.#fd === undefined) return;
    closeSync(this.#fd);
    this.#fd = undefined;
  }

  #append(fd: number, bytes: Buffer): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      this.#failure ??= error as Error;
    }
  }
}
