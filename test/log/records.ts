import { Random } from '../../src/base/random.ts';
import type { Log, LogReader, LogRecord } from '../../src/log/log.ts';

const NOISE_BYTES = 4 * 1024 * 1024;

/** Bytes that look like nothing; those of a longer payload begin with other ones. */
let noise: Buffer | undefined;

/** A payload of so many bytes, always the same for one size. */
export function payload(bytes: number): Buffer {
  noise ??= makeNoise();
  const start = (bytes * 7919) % (NOISE_BYTES / 2);
  return noise.subarray(start, start + bytes);
}

function makeNoise(): Buffer {
  const random = new Random(1);
  const words = Uint32Array.from({ length: NOISE_BYTES / 4 }, () => random.next());
  return Buffer.from(words.buffer);
}

export async function appendTexts(log: Log, texts: readonly string[]): Promise<void> {
  for (const text of texts) await log.append(1, [Buffer.from(text)]);
}

/** All records from a position on; checks that positions follow one another. */
export async function readAll(log: LogReader, from: number): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const record of log.read(from)) {
    if (record.position !== from + records.length) throw new Error(`record ${record.position} follows ${records.length} others from ${from} on`);
    records.push(record);
  }
  return records;
}

export async function readTexts(log: LogReader, from: number): Promise<string[]> {
  return (await readAll(log, from)).map(({ payload }) => payload.toString());
}

/** How many bytes the record at this position has where a process writes records that another one checks. */
export function sizeOf(position: number): number {
  return (position * 7919) % 5000;
}
