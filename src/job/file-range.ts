/**
 * A stretch of a source's file in the place of the bytes that stand there.
 *
 * Where one task takes all that a source of ordinary files gives, tuples need not travel through channels and journals: a frame
 * says where they stand, and whoever feeds the operator has it read them there.
 *
 * FR1 Where ranges are cut depends on the file alone, not on who reads it from where on: so a frame that is made again is the
 *     same frame, and none is ever cut.
 * FR2 Ranges end at the size that the file had when the job was planned. One that is no longer the same file fails the job.
 */
import { invariant } from '../base/errors.ts';

/** A file of the source as it was when the job was planned. Plain JSON. */
export interface InputFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  readonly inode: number;
  readonly modifiedMs: number;
}

export interface FileRange {
  /** Index of the file. */
  readonly file: number;
  readonly offsetBytes: number;
  /** In the file, at least 1. */
  readonly bytes: number;
  /** The last tuple has no newline in the file; one is to be added. */
  readonly newline: boolean;
}

/** A range with all that is needed to read it. */
export interface FilePiece extends FileRange {
  readonly from: InputFile;
  /** What it stands for in bytes, a newline that is added included. */
  readonly length: number;
}

/** What an operator is fed: bytes, or where they stand. */
export type InputPiece = Buffer | FilePiece;

/** Each range costs messages and a record in a journal, which is nothing beside so many bytes. */
export const MAX_RANGE_BYTES: number = 1024 * 1024;

/** Between two ranges a slow operator can make a checkpoint, and tell how far it is: in a small file sooner. */
const MIN_RANGE_BYTES = 64 * 1024;

const RANGES_PER_FILE = 1024;

/** Ranges of a file end behind the last tuple that ends before a multiple of this: a power of two. */
export function rangeBytesOf(fileBytes: number): number {
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, fileBytes / RANGES_PER_FILE)));
  return Math.min(Math.max(wanted, MIN_RANGE_BYTES), MAX_RANGE_BYTES);
}

/** How many ranges a channel may have under way: they cost next to nothing, but the progress that is told is the source's. */
const WINDOW_RANGES = 32;

const ENCODED_BYTES = 17;

export const RANGE_WINDOW_BYTES: number = WINDOW_RANGES * ENCODED_BYTES;

export function encodeRange({ file, offsetBytes, bytes, newline }: FileRange): Buffer {
  const encoded = Buffer.allocUnsafe(ENCODED_BYTES);
  encoded.writeUInt32LE(file, 0);
  encoded.writeUIntLE(offsetBytes, 4, 6);
  encoded.writeUIntLE(bytes, 10, 6);
  encoded.writeUInt8(newline ? 1 : 0, 16);
  return encoded;
}

/** What a frame's payload says, among these files. */
export function decodeRange(encoded: Buffer, files: readonly InputFile[]): FilePiece {
  invariant(encoded.length === ENCODED_BYTES, 'FR1: a range is never cut');
  const file = encoded.readUInt32LE(0);
  const bytes = encoded.readUIntLE(10, 6);
  const newline = encoded.readUInt8(16) === 1;
  const from = files[file];
  invariant(from !== undefined, `FR2: the plan has a file ${file}`);
  return { file, offsetBytes: encoded.readUIntLE(4, 6), bytes, newline, from, length: bytes + (newline ? 1 : 0) };
}

/** FR1: of channels that carry ranges. */
export function skipRange(): never {
  throw new Error('invariant broken: FR1: a range is never cut');
}
