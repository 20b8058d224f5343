/** What several commands' flags have in common: how their values are read, and the flags themselves. */
import { type Command, InvalidArgumentError } from 'commander';
import { DEFAULT_KEEP, type KeepLimits } from '../leader/keep-limits.ts';
import { parseByteSize } from '../job/byte-size.ts';

export const DEFAULT_DATA_DIR = '.rainstorm';

export interface LookOptions {
  readonly dataDir: string;
  readonly job?: string;
  readonly json: boolean;
}

export interface KeepFlags {
  readonly keepJobs?: number;
  readonly keepBytes?: number;
}

export function looking(command: Command, description: string): Command {
  addDataDir(command);
  return command.description(description).option('--json', 'as JSON', false);
}

export function ofJob(command: Command): Command {
  return command.option('--job <job>', 'which job, where several live');
}

export function addDataDir(command: Command): void {
  command.option('--data-dir <folder>', 'where logs are kept', DEFAULT_DATA_DIR);
}

export function addKeep(command: Command): void {
  command
    .option('--keep-jobs <number>', `ended jobs whose logs are kept (default: ${DEFAULT_KEEP.jobs})`, wholeNumber(0, 1_000_000))
    .option('--keep-bytes <size>', 'and how much of them (default: 1GiB)', parseByteSizeFlag);
}

export function keepFrom(flags: KeepFlags): KeepLimits {
  return { jobs: flags.keepJobs ?? DEFAULT_KEEP.jobs, bytes: flags.keepBytes ?? DEFAULT_KEEP.bytes };
}

export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

export function parseByteSizeFlag(text: string): number {
  return parseByteSize(text);
}
