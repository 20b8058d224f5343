import { invariant } from '../base/errors.ts';
import { logFenced } from './failures.ts';
import { MAX_ATTEMPT, type Log, type LogReader, type LogRecord, type LogStore } from './log.ts';
import { MemoryLog } from './memory-log.ts';
import { nextOf, type Defer, type SharedLogs, type StoredLog } from './stored-log.ts';

/** A `MemoryDisk` as one simulated process sees it. Once that is killed, nothing that it waits for ever settles. */
export class MemoryStore implements LogStore {
  readonly #disk: SharedLogs;
  readonly #defer: Defer;
  readonly #died: () => void;
  readonly #open = new Set<MemoryLog>();
  #isAlive = true;

  /** From `MemoryDisk.connect`. */
  constructor(disk: SharedLogs, defer: Defer, died: () => void) {
    this.#disk = disk;
    this.#defer = defer;
    this.#died = died;
  }

  /** The process dies. Of what its logs had queued, a part may have been written, the last record of it torn. Idempotent. */
  kill(): void {
    this.#isAlive = false;
    for (const log of this.#open) log.die();
    this.#open.clear();
    this.#died();
  }

  async open(name: string, attempt: number): Promise<Log> {
    invariant(Number.isInteger(attempt) && attempt >= 1 && attempt <= MAX_ATTEMPT, `the attempt ${attempt} is one of 1 to ${MAX_ATTEMPT}`);
    await this.#step();
    const stored = this.#stored(name);
    if (stored.owner >= attempt) throw logFenced(name, attempt, stored.owner);
    stored.owner = attempt;
    await this.#step();
    const owner = this.#disk.logs.get(name)?.owner ?? 0;
    if (this.#disk.logs.get(name) !== stored || owner !== attempt) throw logFenced(name, attempt, owner);
    const tornTail = stored.tornBytes > 0 ? { log: name, position: nextOf(stored), bytes: stored.tornBytes } : undefined;
    stored.tail = attempt;
    stored.tornBytes = 0;
    if (this.#disk.options.durability === 'host') stored.synced = nextOf(stored);
    const log = new MemoryLog(this.#disk, { name, attempt, tornTail, stored }, () => this.#step(), () => this.#open.delete(log));
    this.#open.add(log);
    return log;
  }

  async look(name: string): Promise<LogReader> {
    await this.#step();
    const stored = this.#disk.logs.get(name);
    const records = stored?.records.slice() ?? [];
    const first = stored?.first ?? 0;
    return { name, first, durable: first + records.length, read: (from) => later(records.slice(from - first), () => this.#step()) };
  }

  async owner(name: string): Promise<number> {
    await this.#step();
    return this.#disk.logs.get(name)?.owner ?? 0;
  }

  async names(): Promise<string[]> {
    await this.#step();
    return [...this.#disk.logs.keys()].sort();
  }

  async remove(name: string): Promise<void> {
    await this.#step();
    this.#disk.logs.delete(name);
  }

  async usedBytes(): Promise<number> {
    await this.#step();
    return this.#disk.usedBytes;
  }

  #stored(name: string): StoredLog {
    const found = this.#disk.logs.get(name);
    if (found !== undefined) return found;
    const made: StoredLog = { owner: 0, tail: 0, first: 0, records: [], synced: 0, tornBytes: 0 };
    this.#disk.logs.set(name, made);
    return made;
  }

  #step(): Promise<void> {
    return new Promise((resolve) => {
      this.#defer(() => {
        if (this.#isAlive) resolve();
      });
    });
  }
}

async function* later(records: readonly LogRecord[], step: () => Promise<void>): AsyncGenerator<LogRecord, void, undefined> {
  for (const record of records) {
    await step();
    yield record;
  }
}
