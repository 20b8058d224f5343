import type { Clock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import type { Format } from '../job/stage-spec.ts';
import { FileSource } from './file-source.ts';
import type { FileEntry } from './find-files.ts';
import { PacedSource } from './paced.ts';
import type { Source, SourcePosition } from './source.ts';
import type { StdinSource } from './stdin-source.ts';

interface SourceReading {
  readonly format: Format;
  /** True: the first record of every file, or of stdin, is a header and no tuple. */
  readonly header: boolean;
  /** Tuples per second; undefined: as fast as they are taken. */
  readonly rate: number | undefined;
  readonly maxTupleBytes: number;
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
  /** Where to begin; at the beginning unless given. Never given for stdin. */
  readonly from?: SourcePosition | undefined;
}

/** Starts a source. Nothing is read before the first `read`. */
export function openSource(description: SourceDescription, { clock, stdin, from }: SourceSurroundings): Source {
  const { rate } = description;
  const source = description.kind === 'files' ? new FileSource({ ...description, from }) : started(stdin, description);
  return rate === undefined ? source : new PacedSource(source, rate, clock);
}

function started(stdin: StdinSource | undefined, reading: SourceReading): Source {
  invariant(stdin !== undefined, 'stdin is read by the process that has it');
  stdin.start(reading);
  return stdin;
}
