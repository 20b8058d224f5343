import { logCorrupt } from './failures.ts';
import type { LogRecord } from './log.ts';
import { SegmentCursor, type SegmentFile } from './segment-cursor.ts';

/**
 * The records from `from` to before `end` of segments that follow one another, the first of which holds `from`. One file is
 * open at a time. Throws LOG_CORRUPT when a record is missing or damaged, and system errors.
 */
export async function* readSegments(segments: readonly SegmentFile[], from: number, end: number): AsyncGenerator<LogRecord, void, undefined> {
  for (const [index, segment] of segments.entries()) {
    const segmentEnd = Math.min(end, segments[index + 1]?.header.base ?? end);
    if (segment.header.base >= segmentEnd || segmentEnd <= from) continue;
    const cursor = await SegmentCursor.open(segment);
    try {
      while (cursor.position < segmentEnd) {
        const { position, offset } = cursor;
        const record = await cursor.next();
        if (record === undefined) throw logCorrupt(segment.path, offset, `record ${position} is missing or does not match its checksum`);
        if (position >= from) yield record;
      }
    } finally {
      await cursor.close();
    }
  }
}
