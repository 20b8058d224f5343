import { open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { TornTail } from './log.ts';
import type { LogStorage } from './log-storage.ts';
import { fencedFrom, isOwned, takeOwnership, type LogAttempt } from './owner-folder.ts';
import { scanSegment, type SegmentEnd } from './scan-segment.ts';
import { findSegments, type FoundSegment } from './segment-chain.ts';
import type { SegmentFile } from './segment-cursor.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';
import { SegmentWriter } from './segment-writer.ts';
import { syncFolder } from './sync-folder.ts';

/** A segment that is not written to any more. */
export interface SealedSegment extends SegmentFile {
  readonly bytes: number;
}

/** What an attempt begins with. */
export interface OpenedLog {
  /** Where its segments lie as long as it is the owner. */
  readonly folder: string;
  readonly sealed: readonly SealedSegment[];
  /** Its first segment, whose base is the log's end. */
  readonly writer: SegmentWriter;
  readonly tornTail: TornTail | undefined;
}

const EMPTY_LOG: SegmentEnd = { next: 0, wholeBytes: 0, tornBytes: 0 };

/**
 * Takes the log in `logFolder` over: first the ownership, then a look at what is there, then the attempt's first segment,
 * which makes what was seen final. Throws RainstormErrors, and system errors once it is the owner: those of the folder that
 * `owned` is told.
 */
export async function openLog(
  storage: LogStorage,
  logFolder: string,
  log: LogAttempt,
  owned: (folder: string) => void,
): Promise<OpenedLog> {
  const onHost = storage.durability === 'host';
  const folder = await takeOwnership(storage.root, logFolder, log);
  owned(folder);
  if (onHost) await syncFolder(logFolder);
  if (onHost) await syncFolder(dirname(logFolder));
  const { chain, stale } = await findSegments(folder);
  const last = chain.at(-1);
  const end = last === undefined ? EMPTY_LOG : await scanSegment(last, onHost);
  // What counts as durable from now on has to be, also what a store of less durability, or a crash, left in memory.
  if (onHost) await syncSegments(chain.slice(0, -1));
  const writer = await SegmentWriter.create(folder, { attempt: log.attempt, base: end.next, follows: last?.header.attempt ?? 0 }, storage.durability);
  storage.space.add(SEGMENT_HEADER_BYTES);
  const kept = chain.filter(({ header }) => header.base < end.next);
  try {
    if (!isOwned(folder)) throw fencedFrom(folder, log);
    await dropSegments([...stale, ...chain.slice(kept.length).map(({ path }) => path)]);
  } catch (error) {
    await writer.close();
    throw error;
  }
  const tornTail = end.tornBytes > 0 ? { log: log.name, position: end.next, bytes: end.tornBytes } : undefined;
  return { folder, sealed: kept.map(asSealed), writer, tornTail };
}

function asSealed({ path, header, fileBytes }: FoundSegment): SealedSegment {
  return { path, header, bytes: fileBytes };
}

async function syncSegments(segments: readonly SegmentFile[]): Promise<void> {
  for (const { path } of segments) {
    const handle = await open(path, 'r');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  }
}

async function dropSegments(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await unlink(path);
    } catch (error) {
      // The next attempt is at it already; ours will learn that with its first append.
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }
}
