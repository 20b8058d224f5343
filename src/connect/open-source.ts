import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import type { RateStep } from '../job/rate-schedule.ts';
import type { Format } from '../job/stage-spec.ts';
import { FileSource } from './file-source.ts';
import type { FileEntry } from './find-files.ts';
import { JournaledSource } from './journaled-source.ts';
import { PacedSource } from './paced.ts';
import type { Source, SourcePosition } from './source.ts';
import type { SourceJournal } from './source-journal.ts';
import type { StdinSource } from './stdin-source.ts';

interface SourceReading {
  readonly format: Format;
  /** True: the first record of every file, or of stdin, is a header and no tuple. */
  readonly header: boolean;
  /** Tuples per second, by the time since the start; undefined: as fast as they are taken. */
  readonly rate: readonly RateStep[] | undefined;
  readonly maxTupleBytes: number;
  /** True: blocks are to say where they stand (job/file-range). Only for ordinary files. */
  readonly ranges?: boolean | undefined;
}

/** A source as plain JSON. */
export type SourceDescription =
  | ({ readonly kind: 'files'; readonly files: readonly FileEntry[] } & SourceReading)
  | ({ readonly kind: 'stdin' } & SourceReading);

/** What a source needs of the process that it runs in. */
export interface SourceSurroundings {
  readonly clock: Clock;
  /** The one that the planner looked into; undefined in a process whose stdin is not the user's. */
  readonly stdin: StdinSource | undefined;
  /** Where to begin; at the beginning unless given. For what can be read only once it is a place in `journal`. */
  readonly from?: SourcePosition | undefined;
  /** Of a source that can be read only once and is to survive a crash: where it has ended, it is read instead. */
  readonly journal?: SourceJournal | undefined;
}

/** Whether what was read of it cannot be read again: stdin, a named pipe or a device, perhaps among files. */
export function isReadOnce(source: { readonly kind: 'stdin' } | { readonly kind: 'files'; readonly files: readonly Pick<FileEntry, 'stream'>[] }): boolean {
  return source.kind === 'stdin' || source.files.some((file) => file.stream === true);
}

/** Starts a source. Nothing is read before the first `read`. */
export function openSource(description: SourceDescription, { clock, stdin, from, journal }: SourceSurroundings): Source {
  const { rate, format, maxTupleBytes } = description;
  const source = journal === undefined
    ? openUser(description, stdin, from)
    : new JournaledSource({ journal, source: journal.ended ? undefined : openUser(description, stdin, undefined), fromBytes: from?.offsetBytes ?? 0, format, maxTupleBytes });
  return rate === undefined ? source : new PacedSource(source, rate, clock);
}

/** What the user named. */
function openUser(description: SourceDescription, stdin: StdinSource | undefined, from: SourcePosition | undefined): Source {
  return description.kind === 'files' ? new FileSource({ ...description, from }) : started(stdin, description);
}

function started(stdin: StdinSource | undefined, reading: SourceReading): Source {
  invariant(stdin !== undefined, 'stdin is read by the process that has it');
  stdin.start(reading);
  return stdin;
}
