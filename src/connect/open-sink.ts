import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import { DeviceSink } from './device-sink.ts';
import { FileSink, type Resumption } from './file-sink.ts';
import { openPartSink } from './part-sink.ts';
import { PipeSink } from './pipe-sink.ts';
import type { Sink } from './sink.ts';
import { sinkFailed } from './sink-failed.ts';
import { StdoutSink } from './stdout-sink.ts';

/** A sink as plain JSON. Paths are absolute; `headerRow` is the row the output begins with, without newline. */
export type SinkDescription =
  | { readonly kind: 'stdout'; readonly headerRow: string | undefined }
  | { readonly kind: 'file'; readonly path: string; readonly headerRow: string | undefined }
  /** The part of task `index` (from 0). */
  | { readonly kind: 'part'; readonly folder: string; readonly index: number; readonly headerRow: string | undefined }
  /** A device or named pipe, written directly. */
  | { readonly kind: 'device'; readonly path: string; readonly headerRow: string | undefined };

/** What a sink needs of the process that it runs in. */
export interface SinkSurroundings {
  readonly clock: Clock;
  /** Undefined in a process whose stdout is not the user's. */
  readonly stdout: Writable | undefined;
  /** What an attempt before has committed of the result; undefined where none has. */
  readonly resume?: Resumption | undefined;
  /** What is written is to survive a power failure as soon as it counts as written. */
  readonly durable?: boolean;
}

/** Begins a sink. Throws SINK_FAILED, and then has left nothing behind but a folder of parts. */
export async function openSink(description: SinkDescription, { clock, stdout, resume, durable = false }: SinkSurroundings): Promise<Sink> {
  const { kind, headerRow } = description;
  if (kind === 'file') return resume === undefined ? await FileSink.open(description.path, headerRow, durable) : await FileSink.resume(description.path, resume, durable);
  if (kind === 'part') return await openPartSink(description.folder, description.index, headerRow, resume, durable);
  if (kind === 'device') return await openDevice(description.path, headerRow, clock);
  invariant(stdout !== undefined, 'stdout is written by the process that has it');
  return new StdoutSink(stdout, headerRow);
}

async function openDevice(path: string, headerRow: string | undefined, clock: Clock): Promise<Sink> {
  return (await isPipe(path)) ? await PipeSink.open(path, headerRow, clock) : await DeviceSink.open(path, headerRow);
}

async function isPipe(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFIFO();
  } catch (error) {
    throw sinkFailed(path, error);
  }
}
