/**
 * A disk for simulations: logs in memory, behind the same port, that lose in a crash what a real disk may lose.
 *
 * Nothing here does I/O, looks at a clock or rolls dice of its own. Every step that a real store takes in the background
 * (take over, scan, write, sync, confirm, read one record, cut) is handed to the process's `defer`, and happens when the
 * driver calls it. A process whose steps are not called is frozen; later it goes on as a zombie. Randomness comes from the
 * seed: how many of the queued records one write takes, what a crash leaves, how much a cut frees.
 */
import { MemoryStore } from './memory-store.ts';
import { recordBytes, storedBytes, type Defer, type MemoryDiskOptions, type SharedLogs, type StoredLog } from './stored-log.ts';

export class MemoryDisk implements SharedLogs {
  readonly options: MemoryDiskOptions;
  readonly logs = new Map<string, StoredLog>();
  readonly #processes = new Set<MemoryStore>();

  constructor(options: MemoryDiskOptions) {
    this.options = options;
  }

  /** The store as one process sees it; `kill` of it is that process's death. */
  connect(defer: Defer): MemoryStore {
    const store = new MemoryStore(this, defer, () => this.#processes.delete(store));
    this.#processes.add(store);
    return store;
  }

  /** Power failure: every process dies, and of what was not synced a part is lost, from some record on, in each log. */
  crash(): void {
    for (const store of this.#processes) store.kill();
    for (const log of this.logs.values()) this.#loseUnsynced(log);
  }

  get usedBytes(): number {
    return [...this.logs.values()].reduce((sum, log) => sum + storedBytes(log), 0);
  }

  #loseUnsynced(log: StoredLog): void {
    const { random } = this.options;
    const kept = Math.max(0, log.synced - log.first);
    const lost = log.records.splice(kept + random.below(log.records.length - kept + 1));
    if (lost[0] !== undefined) log.tornBytes = random.below(recordBytes(lost[0]));
  }
}
