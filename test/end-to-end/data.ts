/** What the tests feed in: rows of our own making, and real files where they are at hand. */
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { generateRows } from '../../src/job/generate-rows.ts';

/** `count` rows of nine columns under a header, as `rainstorm generate` makes them. */
export function rows(count: number, seed = 1): Buffer {
  return Buffer.concat([...generateRows(count, seed)]);
}

export async function writeRows(path: string, count: number, seed = 1): Promise<void> {
  await pipeline(Readable.from(generateRows(count, seed)), createWriteStream(path));
}

/** A folder of real files below RAINSTORM_TEST_DATA; undefined, and said so, where it is not at hand. */
export function realData(name: string): string | undefined {
  const root = process.env['RAINSTORM_TEST_DATA'];
  if (root === undefined || root === '') return skipped(name, 'RAINSTORM_TEST_DATA names no folder');
  const folder = join(root, name);
  return existsSync(folder) ? folder : skipped(name, `there is no ${folder}`);
}

/** A skipped group of tests is only counted in the report; why, nobody would see. */
function skipped(name: string, why: string): undefined {
  console.warn(`SKIPPED: the tests on real files (${name}), since ${why}`);
  return undefined;
}
