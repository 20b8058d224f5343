/**
 * A WebAssembly module that goes through tuples 64 bytes at a time, and the memory that it works in.
 *
 * What it works on is copied into its memory and out again, which takes a fraction of the time of the work itself. Most calls
 * leave nothing behind, so that one kernel serves all tasks of a process. A caller works in pieces of at most PIECE_BYTES.
 *
 * There is a twin in TypeScript of everything that it does, which says what is right, and takes over for small pieces and
 * where there is no SIMD. Tests hold the two together.
 */
import { endianness } from 'node:os';
import { KERNEL_BASE64 } from './kernel-module.ts';
import { type WebAssemblyMemory, type WebAssemblyModule, webAssembly } from './web-assembly.ts';

/** What the module exports; `assembly/` says what each does. Places and lengths are in bytes. */
interface Calls {
  scanLines(length: number, base: number): number;
  scanCsv(length: number, base: number, state: number): number;
  countLines(length: number): number;
  countCsv(length: number, state: number): number;
  partition(count: number, base: number, column: number, parts: number): void;
  keepWith(count: number, base: number, length: number): number;
  keepFromLines(length: number, textLength: number): number;
  keepFromCsv(length: number, textLength: number): number;
  extractColumns(count: number, base: number, columns: number, last: number, repeats: number): number;
  locateColumns(count: number, base: number, columns: number, last: number): number;
  countKeys(from: number, count: number, base: number, column: number): number;
  countRunning(from: number, count: number, base: number, column: number): number;
  stageKey(length: number): number;
  addToKey(length: number, count: number): number;
  keysCounted(): number;
  forgetKeys(): void;
  limitKeys(limit: number): void;
  sortKeys(): number;
  writeRows(from: number): number;
  nextEntry(entry: number): number;
}

const AREAS = ['COLUMNS', 'ENDS', 'IN', 'MAX_COLUMNS', 'MAX_COLUMN_NUMBER', 'NEEDLE', 'OUT', 'OUT_BYTES', 'PARTS', 'PIECE_BYTES', 'RESULTS'] as const;

/** Where things lie in its memory, as `assembly/layout.ts` has it. */
type Areas = Readonly<Record<(typeof AREAS)[number], number>>;

/** Of 64 KiB: what `layout.ts` uses. What no call has touched takes no memory. */
const INITIAL_PAGES = 40;

/** 'measured': where it is faster. The others are for tests. */
export type KernelUse = 'measured' | 'always' | 'never';

export class Kernel {
  readonly calls: Calls;
  readonly areas: Areas;
  readonly #memory: WebAssemblyMemory;
  #bytes: Buffer;
  #words: Uint32Array;

  constructor(exports: Readonly<Record<string, unknown>>, memory: WebAssemblyMemory) {
    this.calls = exports as unknown as Calls;
    this.areas = areasOf(exports);
    this.#memory = memory;
    this.#bytes = Buffer.from(memory.buffer);
    this.#words = new Uint32Array(memory.buffer);
  }

  /** All of its memory; to be asked for again behind each call that may enlarge it. */
  get bytes(): Buffer {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.#memory.buffer);
    return this.#bytes;
  }

  /** The same as little-endian numbers. */
  get words(): Uint32Array {
    if (this.#words.length === 0) this.#words = new Uint32Array(this.#memory.buffer);
    return this.#words;
  }
}

let use: KernelUse = 'measured';
let module: WebAssemblyModule | undefined;
let shared: Kernel | undefined;

/** Decides for the whole process; only tests have a reason to. */
export function useKernel(wanted: KernelUse): void {
  use = wanted;
}

/** The kernel that all share for calls that leave nothing behind; undefined where the twin is to be used for so many bytes. */
export function kernelFor(bytes: number, minBytes: number): Kernel | undefined {
  if (use === 'never' || (bytes < minBytes && use === 'measured')) return undefined;
  return (shared ??= newKernel(INITIAL_PAGES));
}

/** A kernel of the caller's own, whose memory grows to at most `maxPages` of 64 KiB; undefined where there is none to be had. */
export function newKernel(maxPages: number): Kernel | undefined {
  if (use === 'never' || webAssembly === undefined) return undefined;
  if (module === undefined) {
    const binary = Buffer.from(KERNEL_BASE64, 'base64');
    // A processor without SIMD cannot run it; one with the other order of bytes would give other numbers.
    if (!webAssembly.validate(binary) || endianness() !== 'LE') {
      use = 'never';
      return undefined;
    }
    module = new webAssembly.Module(binary);
  }
  const memory = new webAssembly.Memory({ initial: INITIAL_PAGES, maximum: maxPages });
  return new Kernel(new webAssembly.Instance(module, { env: { memory } }).exports, memory);
}

function areasOf(exports: Readonly<Record<string, unknown>>): Areas {
  return Object.fromEntries(AREAS.map((name) => [name, (exports[name] as { readonly value: number }).value])) as Areas;
}
