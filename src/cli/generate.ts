/** `rainstorm generate`: made-up rows to try things on. */
import { open } from 'node:fs/promises';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { writeAll } from '../connect/write-all.ts';
import { generateRows } from '../job/generate-rows.ts';
import { Terminal } from './terminal.ts';

export interface GenerateOptions {
  /** Without the header; 0 or more. */
  readonly rows: number;
  /** The same seed gives the same bytes. */
  readonly seed: number;
  /** A path, written over if there is such a file; undefined for stdout. */
  readonly out?: string | undefined;
}

/** Throws DESTINATION when the file cannot be written. */
export async function generate({ rows, seed, out }: GenerateOptions, terminal: Terminal = new Terminal()): Promise<void> {
  const chunks = generateRows(rows, seed);
  if (out !== undefined) return await writeFile(out, chunks);
  for (const chunk of chunks) if ((await terminal.print(chunk)) === 'closed') return;
}

async function writeFile(path: string, chunks: Iterable<Buffer>): Promise<void> {
  try {
    const file = await open(path, 'w');
    try {
      for (const chunk of chunks) await writeAll(file, [chunk]);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new RainstormError('DESTINATION', `cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}
