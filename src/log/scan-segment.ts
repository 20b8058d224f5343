/**
 * Finds the end of the log in its last segment: the last whole record.
 *
 * Bytes behind it are what a crash left of appends under way, a torn tail; or else they are damage to records that were
 * confirmed, which must never pass for the former. Within one commit a power failure may keep later pages and lose earlier
 * ones, so a whole record behind the gap proves nothing by itself. But each record says up to where the log was confirmed
 * when it was written: one that says so of the missing record proves the damage.
 */
import { logCorrupt } from './failures.ts';
import { SegmentCursor, type SegmentFile } from './segment-cursor.ts';

export interface SegmentEnd {
  /** Position behind the last whole record. */
  readonly next: number;
  readonly wholeBytes: number;
  readonly tornBytes: number;
}

/** With `sync` what was found is also on the disk afterwards. Throws LOG_CORRUPT and system errors. */
export async function scanSegment(segment: SegmentFile, sync: boolean): Promise<SegmentEnd> {
  const cursor = await SegmentCursor.open(segment);
  try {
    while ((await cursor.next()) !== undefined);
    if (cursor.offset < cursor.fileBytes) await refuseDamage(cursor, segment.path);
    if (sync) await cursor.sync();
    return { next: cursor.position, wholeBytes: cursor.offset, tornBytes: cursor.fileBytes - cursor.offset };
  } finally {
    await cursor.close();
  }
}

async function refuseDamage(cursor: SegmentCursor, path: string): Promise<void> {
  const missing = cursor.position;
  const witness = await cursor.search(({ position, floor }) => position > missing && floor > missing);
  if (witness === undefined) return;
  throw logCorrupt(path, cursor.offset, `record ${missing} was confirmed, as record ${witness.position} behind it tells, and is not there whole`);
}
