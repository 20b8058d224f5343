/**
 * How one copy of an operator gets what stands in files (job/file-range).
 *
 * RF1 It gets ranges in the order in which they are fed. One that has said that it reads files itself is told where they stand,
 *     and says when it has handled them; any other is written what is read there.
 * RF2 A file that is not what it was when the job was planned, and has not merely grown, fails the job: whenever a range of it
 *     is fed, and again when all have been handled, before the copy sees the end of its input.
 */
import { statSync } from 'node:fs';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { OpenFile } from '../connect/open-file.ts';
import type { FilePiece, InputFile } from '../job/file-range.ts';

/** What a copy may have before it that it has not handled, so that it need not wait for more, however fast it is. */
const MAX_AHEAD_BYTES = 4 * 1024 * 1024;

/** One range. What is ahead lies before the next checkpoint: a slow copy must not have minutes of work there. */
const MIN_AHEAD_BYTES = 1;

/** A copy that takes longer over a range is slow: the wait for the next one is nothing beside it. */
const QUICK_MS = 50;

export interface RangeFeedOptions {
  /** Tells the operator where a piece stands; `atBytes`: the input before it. Gives false where it does not read files itself. */
  readonly tell: (piece: FilePiece, atBytes: number) => boolean;
  /** Writes to the operator's pipe; `done` is called when that has the bytes. */
  readonly write: (bytes: Buffer, done: () => void) => void;
  /** There is room again, or nothing is left. */
  readonly room: () => void;
  readonly failed: (error: unknown) => void;
  /** Milliseconds, from any beginning. */
  readonly now: () => number;
}

interface Fed {
  readonly piece: FilePiece;
  /** Input behind it, in bytes. */
  readonly endBytes: number;
  readonly fedAt: number;
  readonly done: () => void;
}

const NEWLINE = 0x0a;
const NO_BYTES = Buffer.alloc(0);

export class RangeFeed {
  readonly #options: RangeFeedOptions;
  /** Told to the operator and not handled, oldest first. */
  #told: Fed[] = [];
  /** To be read and written here, oldest first. */
  readonly #queue: Fed[] = [];
  readonly #files = new Set<InputFile>();
  #aheadBytes = 0;
  #limitBytes = MIN_AHEAD_BYTES;
  #movedAt = -Infinity;
  #reading = false;
  #over = false;
  #file: OpenFile | undefined;
  #buffers: readonly [Buffer, Buffer] = [NO_BYTES, NO_BYTES];

  constructor(options: RangeFeedOptions) {
    this.#options = options;
  }

  get full(): boolean {
    return this.#aheadBytes >= this.#limitBytes;
  }

  /** The operator reads files itself, and has some before it. */
  get telling(): boolean {
    return this.#told.length > 0;
  }

  /** Fed and not handled, or not in the operator's pipe. */
  get aheadBytes(): number {
    return this.#aheadBytes;
  }

  /** `atBytes`: the input before it. Throws SOURCE_FAILED. */
  feed(piece: FilePiece, atBytes: number, done: () => void): void {
    this.#files.add(piece.from);
    checkUnchanged(piece.from);
    const fed = { piece, endBytes: atBytes + piece.length, fedAt: this.#options.now(), done };
    this.#aheadBytes += piece.length;
    if (this.#options.tell(piece, atBytes)) {
      this.#told.push(fed);
      return;
    }
    this.#queue.push(fed);
    if (!this.#reading) void this.#writeAll();
  }

  /** The operator has handled so much of its input. */
  handled(bytes: number): void {
    const left = this.#told.findIndex(({ endBytes }) => endBytes > bytes);
    const handled = left === -1 ? this.#told.splice(0) : this.#told.splice(0, left);
    for (const fed of handled) this.#moved(fed);
    if (handled.length > 0) this.#options.room();
  }

  /** RF2: before the end of input. Throws SOURCE_FAILED. */
  check(): void {
    for (const file of this.#files) checkUnchanged(file);
  }

  /** Nothing more is to be fed, nor what was. */
  end(): void {
    this.#over = true;
    for (const fed of [...this.#told.splice(0), ...this.#queue.splice(0)]) this.#finish(fed);
    void this.#file?.close();
  }

  /** A copy that was quick may have more before it the next time. */
  #moved(fed: Fed): void {
    const now = this.#options.now();
    const tookMs = now - Math.max(fed.fedAt, this.#movedAt);
    this.#movedAt = now;
    const roomBytes = Math.max(2 * this.#limitBytes, fed.piece.length);
    this.#limitBytes = tookMs > QUICK_MS ? MIN_AHEAD_BYTES : Math.min(roomBytes, MAX_AHEAD_BYTES);
    this.#finish(fed);
  }

  #finish({ piece, done }: Fed): void {
    this.#aheadBytes -= piece.length;
    done();
  }

  async #writeAll(): Promise<void> {
    this.#reading = true;
    try {
      // Looked at again behind the last write, while which more may have come.
      while (this.#queue.length > 0) await this.#writeQueue();
    } catch (error) {
      this.#options.failed(error);
    } finally {
      this.#reading = false;
    }
  }

  async #writeQueue(): Promise<void> {
    let written = Promise.resolve();
    for (let fed = this.#queue.shift(); fed !== undefined; fed = this.#queue.shift()) {
      // While the one before goes into the pipe.
      const bytes = await this.#read(fed);
      await written;
      written = this.#write(fed, bytes);
    }
    await written;
  }

  async #write(fed: Fed, bytes: Buffer | undefined): Promise<void> {
    if (bytes === undefined || this.#over) return this.#finish(fed);
    await new Promise<void>((resolve) => this.#options.write(bytes, resolve));
    this.#moved(fed);
    if (!this.#over) this.#options.room();
  }

  /** Undefined where it is of no use any more. */
  async #read(fed: Fed): Promise<Buffer | undefined> {
    const { from, offsetBytes, bytes, length } = fed.piece;
    try {
      const buffer = this.#buffer(length);
      const read = await this.#openFile(from.path).read(buffer.subarray(0, bytes), offsetBytes);
      if (read !== undefined && read < bytes) throw changed(from);
      if (length > bytes) buffer[bytes] = NEWLINE;
      return read === undefined ? undefined : buffer;
    } catch (error) {
      this.#finish(fed);
      throw error instanceof RainstormError ? error : unreadable(from, error);
    }
  }

  /** One is written while the other is filled. */
  #buffer(length: number): Buffer {
    const [other, last] = this.#buffers;
    const buffer = other.length < length ? Buffer.allocUnsafeSlow(length) : other;
    this.#buffers = [last, length > MAX_AHEAD_BYTES ? NO_BYTES : buffer];
    return buffer.subarray(0, length);
  }

  #openFile(path: string): OpenFile {
    if (this.#file?.path !== path) {
      void this.#file?.close();
      this.#file = new OpenFile(path);
    }
    return this.#file;
  }
}

/** One that has grown since may be a log, and what is read of it still stands there. */
function checkUnchanged(file: InputFile): void {
  let stats;
  try {
    stats = statSync(file.path);
  } catch (error) {
    throw unreadable(file, error);
  }
  const { ino, size, mtimeMs } = stats;
  if (ino !== file.inode || size < file.bytes || (size === file.bytes && mtimeMs !== file.modifiedMs)) throw changed(file);
}

function changed({ path }: InputFile): RainstormError {
  return new RainstormError('SOURCE_FAILED', `${path} is no longer the file that the job began to read: it was changed or replaced`, { hint: 'Run the job anew.' });
}

function unreadable({ path }: InputFile, cause: unknown): RainstormError {
  return new RainstormError('SOURCE_FAILED', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
}
