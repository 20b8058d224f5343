import type { BlockSplitterOptions } from '../job/block-splitter.ts';
import type { Contract } from '../job/contract.ts';
import type { AttemptOutput } from './attempt-output.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import type { TaskLog } from './local-log.ts';
import type { Failure } from './copy-options.ts';
import type { StartOperator } from './operator.ts';
import type { StallSettings } from './stall-watch.ts';

/** How an attempt ended. `early`: it had enough before its input ended. */
export type Outcome =
  | { readonly kind: 'complete'; readonly early: boolean }
  | Failure
  /** By us, on request. */
  | { readonly kind: 'killed' };

export interface AttemptOptions {
  readonly number: number;
  readonly contract: Contract;
  /** Its state, where it begins at a checkpoint. */
  readonly state: Buffer | undefined;
  readonly start: StartOperator;
  readonly output: BlockSplitterOptions;
  /** At the checkpoint's output position. */
  readonly outlet: AttemptOutput;
  readonly log: TaskLog;
  /** Undefined where nobody is to notice that it stands still. */
  readonly stall: StallSettings | undefined;
  /** There is room in its stdin again, or something else has changed that feeding may wait for. */
  readonly room: () => void;
  /** A copy was started. */
  readonly started: () => void;
  readonly checkpoint: (checkpoint: Checkpoint) => void;
  /** Its processes are gone. */
  readonly ended: (outcome: Outcome) => void;
}
