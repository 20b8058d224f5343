import type { Random } from '../base/random.ts';
import type { Durability, LogRecord } from './log.ts';
import { RECORD_HEADER_BYTES } from './record-format.ts';

/** Takes a step to be done later, once or never; steps of one log come one after the other. */
export type Defer = (step: () => void) => void;

export interface MemoryDiskOptions {
  readonly random: Random;
  readonly durability: Durability;
  /** What all logs together may take; no limit unless given. */
  readonly limitBytes?: number;
  /** False breaks the rule that appends are confirmed only by the owner, to show that a simulation notices. */
  readonly rechecksOwner?: boolean;
}

/** A log as it lies on the disk. */
export interface StoredLog {
  /** The attempt that took it over last; only it may confirm. */
  owner: number;
  /** The attempt whose file is the last that counts: the last one that scanned. What others write is never read. */
  tail: number;
  first: number;
  /** From position `first` on. */
  records: LogRecord[];
  /** Records before this position survive a power failure. */
  synced: number;
  /** Of a record that was not written completely, behind the last whole one. */
  tornBytes: number;
}

/** What the processes that share a simulated disk see of it. */
export interface SharedLogs {
  readonly options: MemoryDiskOptions;
  readonly logs: Map<string, StoredLog>;
  /** Of all logs together. */
  readonly usedBytes: number;
}

export function nextOf(log: StoredLog): number {
  return log.first + log.records.length;
}

export function storedBytes(log: StoredLog): number {
  return log.records.reduce((sum, record) => sum + recordBytes(record), log.tornBytes);
}

export function recordBytes({ payload }: LogRecord): number {
  return RECORD_HEADER_BYTES + payload.length;
}
