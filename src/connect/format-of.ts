import { basename } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import type { Format } from '../job/stage-spec.ts';
import type { FileEntry } from './find-files.ts';

const CSV_NAME = /\.csv(\.gz)?$/i;

/**
 * The format asked for; else csv when every file's name ends in .csv or .csv.gz, and lines when none does.
 * Throws USAGE when some do and some do not, since either guess would cut some file's tuples wrongly.
 */
export function formatOf(files: readonly FileEntry[], wanted: Format | undefined): Format {
  if (wanted !== undefined) return wanted;
  const csv = files.find((file) => CSV_NAME.test(file.path));
  const other = files.find((file) => !CSV_NAME.test(file.path));
  if (csv === undefined) return 'lines';
  if (other === undefined) return 'csv';
  throw new RainstormError('USAGE', `${basename(csv.path)} is CSV by its name and ${basename(other.path)} is not`, {
    hint: 'Say how to read them all: --format csv or --format lines.',
  });
}
