import type { AttemptOptions } from './attempt-options.ts';
import type { InputMark } from './checkpoint-record.ts';
import type { CopyEvents } from './copy-options.ts';
import { OperatorCopy } from './operator-copy.ts';

/** A copy in its turn of being fed. */
export interface FedCopy {
  readonly copy: OperatorCopy;
  /** Not counting state. */
  fedBytes: number;
  /** Where it was cut. */
  mark: InputMark | undefined;
  /** A6: it was fed what the one before has left, or a checkpoint. */
  readonly hasState: boolean;
}

/** What `fold` keeps of what a copy prints, which is held in memory and must fit into one record of a journal. */
const MAX_FOLD_STATE_BYTES = 1024 * 1024 * 1024;

/** A copy of the attempt's operator, not started yet; `number`: 1 for its first. */
export function makeCopy({ contract, number: attempt, log, output, stall, start, state }: AttemptOptions, number: number, events: CopyEvents): OperatorCopy {
  return new OperatorCopy({
    start,
    output,
    log,
    name: `attempt=${attempt}${number > 1 ? ` copy=${number}` : ''}`,
    keepBytes: contract === 'fold' ? MAX_FOLD_STATE_BYTES : 0,
    control: contract === 'snapshot' ? { state } : undefined,
    stall,
    events,
  });
}
