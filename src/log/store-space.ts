/**
 * What the logs of a store may take together. Other processes write to the same store, so what they take is measured anew
 * from time to time, and always before anything is refused. In between they can pass the limit by what each of them writes
 * until it measures: `measureBytes`.
 */
import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import { storeFull } from './failures.ts';

export interface StoreLimits {
  /** The store, as the user knows it. */
  readonly store: string;
  /** The logs' folder. */
  readonly folder: string;
  readonly limitBytes: number;
  /** After how many own bytes what others took is looked at. */
  readonly measureBytes: number;
}

export class StoreSpace {
  readonly #limits: StoreLimits;
  #usedBytes = 0;
  /** Taken since the last measurement began, or before it and perhaps not yet in a file. */
  #takenBytes: number;

  constructor(limits: StoreLimits) {
    this.#limits = limits;
    this.#takenBytes = limits.measureBytes;
  }

  /** Reserves bytes for a write that follows. Throws STORE_FULL. */
  async take(bytes: number): Promise<void> {
    const { store, limitBytes, measureBytes } = this.#limits;
    if (limitBytes === Infinity) return;
    if (this.#takenBytes >= measureBytes || this.#usedBytes + bytes > limitBytes) await this.#measure();
    if (this.#usedBytes + bytes > limitBytes) throw storeFull(store, limitBytes, this.#usedBytes, bytes);
    this.#usedBytes += bytes;
    this.#takenBytes += bytes;
  }

  /** Says that bytes are written in any case. */
  add(bytes: number): void {
    this.#usedBytes += bytes;
  }

  /** Says that bytes were freed. */
  give(bytes: number): void {
    this.#usedBytes = Math.max(0, this.#usedBytes - bytes);
  }

  async #measure(): Promise<void> {
    const before = this.#usedBytes;
    const measured = await bytesUnder(this.#limits.folder);
    // What was taken meanwhile may or may not have been seen; counting it keeps on the safe side.
    this.#usedBytes = measured + Math.max(0, this.#usedBytes - before);
    this.#takenBytes = 0;
  }
}

/** Sizes of all files in the folder and its folders, added up. What vanishes meanwhile does not count. */
export async function bytesUnder(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name);
    bytes += entry.isDirectory() ? await bytesUnder(path) : await bytesOf(path);
  }
  return bytes;
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function bytesOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
}
