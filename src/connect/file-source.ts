import { RainstormError } from '../base/errors.ts';
import type { Block } from '../job/block.ts';
import type { Format } from '../job/stage-spec.ts';
import type { FileEntry } from './find-files.ts';
import { identify } from './file-identity.ts';
import { openReader, readFrom } from './open-reader.ts';
import type { FileIdentity, Source, SourcePosition, SourceProgress } from './source.ts';
import { RangeReader } from './range-reader.ts';
import type { FileReader } from './file-reader.ts';

export interface FileSourceOptions {
  readonly files: readonly FileEntry[];
  readonly format: Format;
  /** True: the first record of every file is a header, which must be the same in all of them and is no tuple. */
  readonly header: boolean;
  readonly maxTupleBytes: number;
  /** True: the blocks say where they stand (job/file-range). Every file is an ordinary one then. */
  readonly ranges?: boolean | undefined;
  /** Where to begin; at the beginning unless given. */
  readonly from?: SourcePosition | undefined;
}

const BEGINNING = { offsetBytes: 0, line: 1, identity: undefined };

/** The tuples of files, one file after the other; each file's end completes its last line. Lines are counted per file. */
export class FileSource implements Source {
  readonly #options: FileSourceOptions;
  /** Index of the file being read. */
  #index: number;
  #identity: FileIdentity | undefined;
  #reader: FileReader | undefined;
  /** Bytes of the files before it. */
  #doneBytes: number;
  /** The first header, and the file it stood in. */
  #header: { readonly bytes: Buffer; readonly path: string } | undefined;
  #closed = false;

  constructor(options: FileSourceOptions) {
    const { from, files } = options;
    this.#options = options;
    this.#index = from?.file ?? 0;
    this.#doneBytes = files.slice(0, this.#index).reduce((sum, file) => sum + file.bytes, 0);
    if (from?.header !== undefined) this.#header = { bytes: Buffer.from(from.header, 'base64'), path: files[0]?.path ?? '' };
  }

  position(): SourcePosition | undefined {
    const { files, from } = this.#options;
    if (files.some((file) => file.stream === true)) return undefined;
    const begin = from?.file === this.#index ? from : BEGINNING;
    const { offsetBytes, line } = this.#reader?.place ?? begin;
    const identity = this.#reader === undefined ? begin.identity : this.#identity;
    return { file: this.#index, offsetBytes, line, identity, header: this.#header?.bytes.toString('base64') };
  }

  async read(): Promise<Block | undefined> {
    try {
      return await this.#read();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  progress(): SourceProgress {
    const { files } = this.#options;
    const known = files.every((file) => file.stream !== true);
    return {
      doneBytes: this.#doneBytes + (this.#reader?.doneBytes ?? 0),
      totalBytes: known ? files.reduce((sum, file) => sum + file.bytes, 0) : undefined,
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
  }

  async #read(): Promise<Block | undefined> {
    for (let file = this.#file(); file !== undefined && !this.#closed; file = this.#file()) {
      const opened = this.#reader === undefined;
      this.#reader ??= await this.#open(file);
      // Closed while it was being opened: there was no reader to close.
      if (this.#closed) await this.#reader.close();
      const block = await readFrom(file, this.#reader);
      if (this.#closed) return undefined;
      if (opened) this.#checkHeader(file.path, this.#reader.header);
      if (block === undefined) await this.#nextFile(this.#reader);
      else if (block.count > 0) return block;
    }
    return undefined;
  }

  async #open(file: FileEntry): Promise<FileReader> {
    const { from, format, header, maxTupleBytes, ranges } = this.#options;
    const isResumed = from?.file === this.#index;
    if (file.stream !== true) this.#identity = await identify(file.path, isResumed ? from : undefined);
    const reading = { format, header, maxTupleBytes, from: isResumed ? from : undefined };
    return ranges === true ? new RangeReader(file, this.#index, reading) : openReader(file, reading);
  }

  #file(): FileEntry | undefined {
    return this.#options.files[this.#index];
  }

  async #nextFile(reader: FileReader): Promise<void> {
    await reader.close();
    this.#doneBytes += reader.doneBytes;
    this.#reader = undefined;
    this.#index++;
  }

  #checkHeader(path: string, bytes: Buffer | undefined): void {
    // A file without any record has no header to compare.
    if (bytes === undefined) return;
    this.#header ??= { bytes, path };
    const { bytes: first, path: firstPath } = this.#header;
    if (withoutReturn(bytes).equals(withoutReturn(first))) return;
    throw new RainstormError('SOURCE_FORMAT', `the header of ${path} differs from the one of ${firstPath}`, {
      hint: 'Run files with different columns as separate jobs, or name the files that belong together.',
    });
  }
}

/** Files written on Windows and elsewhere may have one header and differ in the line's end. */
function withoutReturn(record: Buffer): Buffer {
  return record.at(-1) === 0x0d ? record.subarray(0, -1) : record;
}
