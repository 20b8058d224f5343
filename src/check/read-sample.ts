/** The user's own sample, read as a job would read its source. */
import { basename } from 'node:path';
import { DEFAULT_MAX_TUPLE_BYTES } from '../base/limits.ts';
import { RainstormError } from '../base/errors.ts';
import { findFiles } from '../connect/find-files.ts';
import { formatOf } from '../connect/format-of.ts';
import { readFirstRecord } from '../connect/read-header.ts';
import type { Format } from '../job/stage-spec.ts';
import type { Sample } from './sample.ts';
import { tuplesOfFiles } from './tuples-of.ts';

/** The program reads the sample some hundred times. */
const MAX_SAMPLE_BYTES = 1024 * 1024;
const MAX_SAMPLE_TUPLES = 2_000;

export interface ReadSample {
  readonly sample: Sample;
  readonly format: Format;
  /** Where one was asked for. */
  readonly header: Buffer | undefined;
  /** True where there is more than was taken. */
  readonly cut: boolean;
}

/**
 * The first tuples of a file, at most 2,000 and a megabyte. `format`: undefined lets its name decide. Throws
 * SOURCE_NOT_FOUND, SOURCE_UNREADABLE and the like for the file, and USAGE for one without any tuple.
 */
export async function readSample(path: string, cwd: string, reading: { readonly format: Format | undefined; readonly header: boolean }): Promise<ReadSample> {
  const hint = 'Give a file with some of what the stage is to read.';
  if (path === '-') throw new RainstormError('USAGE', 'the sample cannot be stdin: it is read more than once', { hint });
  const files = await findFiles([path], cwd);
  const format = formatOf(files, reading.format);
  const header = reading.header ? await readFirstRecord(files, format, DEFAULT_MAX_TUPLE_BYTES) : undefined;
  const tuples: Buffer[] = [];
  let bytes = 0;
  let cut = false;
  for await (const tuple of tuplesOfFiles(files, { format, header: reading.header, maxTupleBytes: DEFAULT_MAX_TUPLE_BYTES })) {
    bytes += tuple.length;
    cut = tuples.length === MAX_SAMPLE_TUPLES || (tuples.length > 0 && bytes > MAX_SAMPLE_BYTES);
    if (cut) break;
    tuples.push(tuple);
  }
  if (tuples.length === 0) throw new RainstormError('USAGE', `the sample ${path} has no tuples`, { hint });
  return { sample: { name: basename(path), tuples }, format, header, cut };
}
