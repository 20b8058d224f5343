/**
 * Which of the segment files in a log's folder hold the log, and up to where.
 *
 * C1 Each attempt begins with a segment whose base is the end of the log that it found, and whose header names the attempt
 *    that it found it in. That segment is the decision about everything older, and it stands: segments of attempts between
 *    the two do not count, nor do records from the base on in older ones, whenever they were written.
 * C2 An attempt's next segment is made once the one before is written, with 'host' durable, up to the new one's base.
 * C3 A file no longer than a header that holds no whole one is a segment whose making was cut short; it holds nothing.
 */
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { logCorrupt } from './failures.ts';
import type { SegmentFile } from './segment-cursor.ts';
import { decodeSegmentHeader, isSegmentName, SEGMENT_HEADER_BYTES, segmentName } from './segment-header.ts';

export interface FoundSegment extends SegmentFile {
  readonly fileBytes: number;
}

export interface FoundSegments {
  /** In order. Each holds the records from its base to the base of the next. */
  readonly chain: readonly FoundSegment[];
  /** Paths of segments that do not count and never will once the next attempt has begun (C1). */
  readonly stale: readonly string[];
}

/** Throws LOG_CORRUPT and system errors. */
export async function findSegments(folder: string): Promise<FoundSegments> {
  const names = (await readdir(folder)).filter(isSegmentName).sort();
  const found: FoundSegment[] = [];
  for (const name of names) {
    const segment = await readSegment(folder, name);
    if (segment !== undefined) found.push(segment);
  }
  const chain = countingSegments(found);
  const counting = new Set(chain.map(({ path }) => path));
  return { chain, stale: names.map((name) => join(folder, name)).filter((path) => !counting.has(path)) };
}

/** C1, for segments in order of attempt and base. */
function countingSegments<S extends SegmentFile>(found: readonly S[]): S[] {
  let chain: S[] = [];
  for (const segment of found) {
    const { attempt, base, follows } = segment.header;
    const begins = chain.at(-1)?.header.attempt !== attempt;
    if (begins) chain = chain.filter(({ header }) => header.attempt <= follows && header.base < base);
    chain.push(segment);
  }
  return chain;
}

async function readSegment(folder: string, name: string): Promise<FoundSegment | undefined> {
  const path = join(folder, name);
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SEGMENT_HEADER_BYTES), 0, SEGMENT_HEADER_BYTES, 0);
    const header = decodeSegmentHeader(buffer.subarray(0, bytesRead));
    const fileBytes = (await handle.stat()).size;
    if (header === undefined && fileBytes <= SEGMENT_HEADER_BYTES) return undefined;
    if (header === undefined) throw logCorrupt(path, 0, 'its header does not match its checksum, or is of another version');
    if (segmentName(header.attempt, header.base) !== name) throw logCorrupt(path, 0, 'its header belongs to a file of another name');
    return { path, header, fileBytes };
  } finally {
    await handle.close();
  }
}
