/**
 * The disk that all simulated processes share. What is cut off a log can be read no more, but is kept here for the checks,
 * and so is what a removed log held.
 */
import { MemoryDisk } from '../../src/log/memory-disk.ts';
import type { MemoryStore } from '../../src/log/memory-store.ts';
import type { Durability, Log, LogRecord, LogStore } from '../../src/log/log.ts';
import { nextOf } from '../../src/log/stored-log.ts';
import type { Faults } from './faults.ts';
import type { SimProcess } from './sim-process.ts';

/** What a log tells of before it happens. */
export interface LogWatch {
  appending(name: string, type: number, payload: Buffer): void;
  cutting(name: string, before: number): void;
}

export class SimDisk {
  readonly durability: Durability;
  readonly #disk: MemoryDisk;
  readonly #faults: Faults;
  readonly #kept = new Map<string, LogRecord[]>();
  readonly #removed = new Set<string>();
  #watch: LogWatch | undefined;

  constructor(process: SimProcess, durability: Durability, faults: Faults) {
    this.#disk = new MemoryDisk({ random: process.random, durability });
    this.durability = durability;
    this.#faults = faults;
  }

  watch(watch: LogWatch): void {
    this.#watch = watch;
  }

  connect(process: SimProcess): LogStore {
    const store = this.#disk.connect((step) => process.later(step));
    const logs: Log[] = [];
    process.whenDead(() => {
      const queued = logs.map((log) => ({ log, next: log.next }));
      store.kill();
      for (const { log, next } of queued) if (next > this.recordsOf(log.name).length) this.#faults.count('lostTails');
    });
    return this.#watched(store, logs);
  }

  /** Power failure, of all processes: what is not on the disk may be gone. Kill them first. */
  crash(): void {
    this.#disk.crash();
    for (const name of this.#disk.logs.keys()) this.recordsOf(name);
  }

  /** All records that a log holds or held before it was cut or removed, durable or not. */
  recordsOf(name: string): readonly LogRecord[] {
    const kept = this.#kept.get(name) ?? [];
    this.#kept.set(name, kept);
    const stored = this.#removed.has(name) ? undefined : this.#disk.logs.get(name);
    if (stored === undefined) return kept;
    kept.length = Math.min(kept.length, nextOf(stored));
    for (let at = kept.length; at < nextOf(stored); at++) kept.push(stored.records[at - stored.first] as LogRecord);
    return kept;
  }

  /** How many of them are durable. */
  durableOf(name: string): number {
    const records = this.recordsOf(name).length;
    const stored = this.#disk.logs.get(name);
    if (this.durability === 'process' || stored === undefined || this.#removed.has(name)) return records;
    return Math.min(records, stored.synced);
  }

  #watched(store: MemoryStore, logs: Log[]): LogStore {
    return {
      open: async (name, attempt) => {
        const log = await store.open(name, attempt);
        if (log.tornTail !== undefined) this.#faults.count('tornTails');
        const watched = this.#watchedLog(log);
        logs.push(watched);
        return watched;
      },
      look: (name) => store.look(name),
      owner: (name) => store.owner(name),
      names: () => store.names(),
      usedBytes: () => store.usedBytes(),
      remove: (name) => {
        this.recordsOf(name);
        this.#removed.add(name);
        return store.remove(name);
      },
    };
  }

  #watchedLog(log: Log): Log {
    const appending = (type: number, parts: readonly Buffer[]) => this.#watch?.appending(log.name, type, Buffer.concat(parts));
    const cutting = (before: number) => {
      this.recordsOf(log.name);
      this.#watch?.cutting(log.name, before);
    };
    return {
      name: log.name,
      attempt: log.attempt,
      tornTail: log.tornTail,
      get first() {
        return log.first;
      },
      get durable() {
        return log.durable;
      },
      get next() {
        return log.next;
      },
      get bytes() {
        return log.bytes;
      },
      append: (type, parts) => {
        appending(type, parts);
        return log.append(type, parts);
      },
      read: (from) => log.read(from),
      cut: (before) => {
        cutting(before);
        return log.cut(before);
      },
      close: () => log.close(),
    };
  }
}
