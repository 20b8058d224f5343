import type { RainstormError } from '../base/errors.ts';
import type { BlockSplitterOptions } from '../job/block-splitter.ts';
import type { Block } from '../job/block.ts';
import type { MemberExit } from './exit-verdict.ts';
import type { TaskLog } from './local-log.ts';
import type { StartOperator } from './operator.ts';
import type { StallSettings } from './stall-watch.ts';

/** How a copy failed. */
export type Failure =
  /** Another attempt may do better. */
  | { readonly kind: 'crashed'; readonly exit: MemberExit; readonly early: boolean }
  /** It would only go wrong again: what it prints cannot be used, or is another than before. */
  | { readonly kind: 'failed'; readonly error: RainstormError };

export interface CopyEvents {
  /** Whole tuples. Gives false when no more should come before `resume`. */
  block(block: Block): boolean;
  /** There may be room in its stdin again, or it speaks the control protocol now. */
  room(): void;
  /** Its state at the place that was asked for, and all output before it was handed on. It prints again after `goOn`. */
  state(state: Buffer, goOn: () => void): void;
  failed(failure: Failure): void;
  /** Its processes are gone. If it has not failed, what they printed may still have to be handed on. */
  gone(): void;
  /** Everything that it printed was handed on, after an acceptable exit. */
  printed(): void;
}

export interface CopyOptions {
  readonly start: StartOperator;
  readonly output: BlockSplitterOptions;
  readonly log: TaskLog;
  /** How the log names it. */
  readonly name: string;
  /** How much of what it prints before its output is opened is kept here; 0: none, it waits in the pipe. */
  readonly keepBytes: number;
  /** Whether it is offered the control protocol, and the state that it begins with. */
  readonly control: { readonly state: Buffer | undefined } | undefined;
  /** Undefined where nobody is to notice that it stands still. */
  readonly stall: StallSettings | undefined;
  readonly events: CopyEvents;
}
