/**
 * Logs in a folder of this machine, for any number of its processes.
 *
 *     <folder>/identity/<id>                              a random id, made with the store
 *     <folder>/logs/<log>/<attempt>-<nonce>/              one folder per log, named after its owner: owner-folder.ts
 *     <folder>/logs/<log>/<attempt>-<nonce>/*.segment     its records: segment-chain.ts, record-format.ts
 *     <folder>/.draft-*, .removed-*                       on their way in and out: scratch-folder.ts
 *
 * Each open log keeps one file open, and each `read` under way one more.
 */
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf, invariant, RainstormError } from '../base/errors.ts';
import { namesIn } from '../base/names-in.ts';
import { DiskLog } from './disk-log.ts';
import { storeFailed } from './failures.ts';
import { decodeFileName, encodeFileName } from './file-name.ts';
import { GroupCommit } from './group-commit.ts';
import { MAX_ATTEMPT, type Durability, type Log, type LogReader, type LogRecord, type LogStore } from './log.ts';
import type { LogStorage } from './log-storage.ts';
import { lookAtLog } from './look-at-log.ts';
import { openLog } from './open-log.ts';
import { explainFailure, ownerOf } from './owner-folder.ts';
import { clearScratch, publishFolder, randomName, removeFolder } from './scratch-folder.ts';
import { SEGMENT_HEADER_BYTES } from './segment-header.ts';
import { bytesUnder, StoreSpace } from './store-space.ts';
import { syncFolder } from './sync-folder.ts';

/** The unit in which a log is cut: small beside what a disk has, large beside what a file costs. */
const DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024;

/** Each new try means that another process cleared a draft of ours; so many in a row mean that something else is wrong. */
const MAX_TRIES = 100;

export interface DiskStoreOptions {
  /** Made if it is not there. On a file system of this machine, not a network's. */
  readonly folder: string;
  readonly durability: Durability;
  /** What all logs together may take; no limit unless given. Several processes can pass it by `segmentBytes` each. */
  readonly limitBytes?: number;
  /** How large a segment file grows, unless a single record is larger; 16 MiB unless given. */
  readonly segmentBytes?: number;
}

export class DiskStore implements LogStore {
  readonly #storage: LogStorage;
  readonly #logs: string;

  private constructor(options: DiskStoreOptions) {
    const { folder, durability, limitBytes = Infinity, segmentBytes = DEFAULT_SEGMENT_BYTES } = options;
    invariant(segmentBytes > SEGMENT_HEADER_BYTES, `a segment of ${segmentBytes} bytes has room for its header`);
    this.#logs = join(folder, 'logs');
    const space = new StoreSpace({ store: folder, folder: this.#logs, limitBytes, measureBytes: segmentBytes });
    this.#storage = { root: folder, durability, segmentBytes, space, committer: new GroupCommit() };
  }

  /** Throws STORE_FAILED when the folder cannot be made or written to. */
  static async open(options: DiskStoreOptions): Promise<DiskStore> {
    const store = new DiskStore(options);
    await failing('open', options.folder, async () => {
      await mkdir(store.#logs, { recursive: true });
      await clearScratch(options.folder);
    });
    await store.identity();
    return store;
  }

  /**
   * The store's random id, the same for every process that sees this folder, and different for any other. Who is told of a
   * store by somebody else compares it with what the other one sees. Throws STORE_FAILED.
   */
  async identity(): Promise<string> {
    const path = join(this.#storage.root, 'identity');
    return await failing('read', path, async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const [id] = await namesIn(path);
        if (id !== undefined) return id;
        if ((await publishFolder(this.#storage.root, path, randomName() + randomName())) && this.#onHost) await syncFolder(this.#storage.root);
      }
      throw storeFailed('make', path, new Error('it vanishes again and again'));
    });
  }

  async open(name: string, attempt: number): Promise<Log> {
    invariant(Number.isInteger(attempt) && attempt >= 1 && attempt <= MAX_ATTEMPT, `the attempt ${attempt} is one of 1 to ${MAX_ATTEMPT}`);
    const log = { name, attempt };
    const logFolder = this.#folderOf(name);
    let owned: string | undefined;
    try {
      const opened = await openLog(this.#storage, logFolder, log, (folder) => (owned = folder));
      return new DiskLog(this.#storage, log, opened);
    } catch (error) {
      throw explainFailure(owned ?? this.#logs, log, 'open', logFolder, error);
    }
  }

  async look(name: string): Promise<LogReader> {
    const folder = this.#folderOf(name);
    const found = await failing('read', folder, () => lookAtLog(name, folder));
    return { ...found, read: (from) => failingReads(folder, found.read(from)) };
  }

  async owner(name: string): Promise<number> {
    return await failing('read', this.#folderOf(name), async () => ownerOf(this.#folderOf(name)));
  }

  async names(): Promise<string[]> {
    const found = await failing('read', this.#logs, () => readdir(this.#logs));
    return found.flatMap((name) => decodeFileName(name) ?? []).sort();
  }

  async remove(name: string): Promise<void> {
    await failing('remove', this.#folderOf(name), async () => {
      await removeFolder(this.#storage.root, this.#folderOf(name));
      if (this.#onHost) await syncFolder(this.#logs);
    });
  }

  async usedBytes(): Promise<number> {
    return await failing('read', this.#logs, () => bytesUnder(this.#logs));
  }

  get #onHost(): boolean {
    return this.#storage.durability === 'host';
  }

  #folderOf(name: string): string {
    return join(this.#logs, encodeFileName(name));
  }
}

/** Turns failed system calls into STORE_FAILED. */
async function failing<T>(doing: string, path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw explained(doing, path, error);
  }
}

/** The same for what is read piece by piece. */
async function* failingReads(path: string, records: AsyncIterable<LogRecord>): AsyncGenerator<LogRecord, void, undefined> {
  try {
    yield* records;
  } catch (error) {
    throw explained('read', path, error);
  }
}

/** What is no failed system call stays as it is: a RainstormError, or a bug. */
function explained(doing: string, path: string, error: unknown): unknown {
  return error instanceof RainstormError || errnoOf(error) === undefined ? error : storeFailed(doing, path, error);
}
