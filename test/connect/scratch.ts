import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import type { Block } from '../../src/job/block.ts';
import type { FileEntry } from '../../src/connect/find-files.ts';
import type { Source } from '../../src/connect/source.ts';

/** A folder of its own for the running test, with these files in it. */
export async function scratch(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-connect-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** A file with this content, as `findFiles` would describe it. */
export async function entry(folder: string, name: string, content: string | Uint8Array): Promise<FileEntry> {
  const bytes = Buffer.from(content);
  await writeFile(join(folder, name), bytes);
  return { path: join(folder, name), bytes: bytes.length, gzip: name.endsWith('.gz') };
}

/** The RainstormError that a call ends with. */
export async function failureOf(run: () => unknown): Promise<RainstormError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof RainstormError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** All bytes of a source; checks what blocks promise on the way. */
export async function readAll(source: Source): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let block = await source.read(); block !== undefined; block = await source.read()) {
    checkBlock(block);
    parts.push(block.bytes);
  }
  expect(await source.read()).toBeUndefined();
  return Buffer.concat(parts);
}

export function checkBlock(block: Block): void {
  expect(block.count).toBeGreaterThan(0);
  expect(block.ends[block.count - 1]).toBe(block.bytes.length);
  for (let i = 0; i < block.count; i++) expect(block.bytes[(block.ends[i] ?? 0) - 1]).toBe(10);
}
