import { ownerFolderOf } from './owner-folder.ts';
import { readSegments } from './read-segments.ts';
import { scanSegment } from './scan-segment.ts';
import { findSegments } from './segment-chain.ts';
import type { LogReader } from './log.ts';

/** The log in `logFolder` as it is, without taking it over. Throws LOG_CORRUPT and system errors. */
export async function lookAtLog(name: string, logFolder: string): Promise<LogReader> {
  const folder = ownerFolderOf(logFolder);
  const { chain } = folder === undefined ? { chain: [] } : await findSegments(folder);
  const last = chain.at(-1);
  const end = last === undefined ? 0 : (await scanSegment(last, false)).next;
  return { name, first: chain[0]?.header.base ?? 0, durable: end, read: (from) => readSegments(chain, from, end) };
}
