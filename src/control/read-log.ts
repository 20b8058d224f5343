/** A log that lies here, as somebody wants to see it. What is held of it at a time is bounded, however long it is. */
import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { followFile } from './follow-file.ts';
import type { LineMatcher } from './line-matcher.ts';
import { compileGrep, type LogQuery } from './log-query.ts';

/** Matching has a price for each piece, whatever is in it. */
const PIECE_BYTES = 1024 * 1024;

const BLOCK_BYTES = 64 * 1024;

/** The last lines that match are held until all are read; of long ones fewer. */
const MAX_HELD_BYTES = 16 * 1024 * 1024;

const NEWLINE = 10;

/** `over`: no more will be appended; only asked where the log is followed. Throws UNKNOWN_TASK for one that cannot be read. */
export async function readLog(path: string, query: LogQuery, over: () => boolean): Promise<Readable> {
  let size: number;
  try {
    ({ size } = await stat(path));
  } catch (cause) {
    throw new RainstormError('UNKNOWN_TASK', `cannot read the log ${path}: ${reasonOf(cause)}`, { cause });
  }
  return Readable.from(pieces(path, size, query, over), { objectMode: false });
}

async function* pieces(path: string, size: number, { follow = false, grep, tail }: LogQuery, over: () => boolean): AsyncGenerator<Buffer> {
  const from = (start: number) => (follow ? followFile(path, over, start) : rangeOf(path, start));
  if (grep === undefined) return yield* from(tail === undefined ? 0 : await tailStart(path, size, tail));
  // Loaded where somebody searches: workers and leaders begin without it.
  const { LineMatcher, TooSlow } = await import('./line-matcher.ts');
  const matcher = new LineMatcher(compileGrep(grep));
  try {
    if (tail === undefined) return yield* matching(matcher, from(0));
    const held = new LastLines(tail);
    let end = 0;
    // What is being written has no newline yet; who follows gets it later.
    for await (const piece of wholeLines(rangeOf(path, 0, size))) {
      if (follow && piece.at(-1) !== NEWLINE) break;
      end += piece.length;
      for (const line of matcher.matching(piece)) held.add(line);
    }
    yield* held.lines;
    if (follow) yield* matching(matcher, from(end));
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    yield Buffer.from(`${new Date().toISOString()} NOTE the search ends here: ${error.message}\n`);
  }
}

async function* matching(matcher: LineMatcher, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const piece of wholeLines(bytes)) {
    const lines = matcher.matching(piece);
    if (lines.length > 0) yield Buffer.concat(lines);
  }
}

/** Cut behind newlines; the last piece may have none. */
async function* wholeLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of bytes) {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) yield Buffer.concat([...begun, chunk.subarray(0, end)]);
    begun = end > 0 ? [] : begun;
    if (end < chunk.length) begun.push(chunk.subarray(end));
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

/** `end`: the first byte that is not wanted. */
async function* rangeOf(path: string, start: number, end = Infinity): AsyncGenerator<Buffer> {
  if (start >= end) return;
  yield* createReadStream(path, { start, end: end - 1, highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>;
}

/** Where the last lines of a file begin. One without its newline counts. */
async function tailStart(path: string, size: number, lines: number): Promise<number> {
  const file = await open(path, 'r');
  try {
    let left = lines;
    for (let end = size; end > 0; end -= BLOCK_BYTES) {
      const block = await readBlock(file, Math.max(0, end - BLOCK_BYTES), end);
      for (let at = block.lastIndexOf(NEWLINE); at !== -1; at = at === 0 ? -1 : block.lastIndexOf(NEWLINE, at - 1)) {
        const behind = end - block.length + at + 1;
        // The newline at the very end is that of the last line.
        if (behind < size) left -= 1;
        if (left === 0) return behind;
      }
    }
    return 0;
  } finally {
    await file.close();
  }
}

async function readBlock(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const block = Buffer.alloc(end - start);
  const { bytesRead } = await file.read(block, 0, block.length, start);
  return block.subarray(0, bytesRead);
}

class LastLines {
  readonly #count: number;
  readonly #lines: Buffer[] = [];
  #bytes = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get lines(): readonly Buffer[] {
    return this.#lines;
  }

  add(line: Buffer): void {
    this.#lines.push(line);
    this.#bytes += line.length;
    while (this.#lines.length > this.#count || (this.#bytes > MAX_HELD_BYTES && this.#lines.length > 1)) this.#bytes -= this.#lines.shift()?.length ?? 0;
  }
}
