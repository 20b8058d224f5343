import type { Clock } from '../base/clock.ts';
import type { StagePlan } from '../job/plan.ts';
import type { TaskRef } from '../job/task-id.ts';
import type { ChannelReceiver } from '../wire/channel-receiver.ts';
import type { ChannelPositions } from '../wire/in-channel.ts';
import type { InputJournal, RecordedCheckpoint } from './input-journal.ts';
import type { Producers } from './input-order.ts';
import type { Lanes } from './lanes.ts';
import type { TaskLog } from './local-log.ts';
import type { StartOperator } from './operator.ts';
import type { PoisonSettings } from './dead-letters.ts';
import type { SwitchPoint } from './switch-point.ts';
import { NOTHING_SKIPPED, type Skip, type SkippedTotals } from './skip.ts';

/** What an operator's task is made of. */
export interface OperatorTaskOptions {
  readonly ref: TaskRef;
  readonly stage: StagePlan;
  /** The number of its first attempt here: above 1 where another worker had the task before. */
  readonly attempt: number;
  /** What is started, as the user knows it, for the log. */
  readonly command: string;
  readonly startOperator: StartOperator;
  /** Undefined where nothing is to survive a crash. */
  readonly journal: InputJournal | undefined;
  readonly maxTupleBytes: number;
  readonly log: TaskLog;
  readonly clock: Clock;
  /** The channels that end here; made after the task, since they report to it. */
  readonly receivers: () => readonly ChannelReceiver[];
  readonly producers: () => Producers;
  /** The channels that begin here. */
  readonly lanes: Lanes;
  /** What is needed where tuples are left out that its operator dies of; undefined where none are. */
  readonly poison?: PoisonSettings | undefined;
  /** Its state changed. */
  readonly changed: () => void;
}

/** What is known of a task from its journal. */
export interface RecoveredInput {
  /** Where the journal ended. */
  readonly end: number;
  readonly positions: ChannelPositions;
  readonly finished: boolean;
  readonly checkpoint: RecordedCheckpoint | undefined;
  /** Of frames behind the checkpoint. */
  readonly skips: readonly Skip[];
  readonly skipped: SkippedTotals;
  readonly switches: readonly SwitchPoint[];
}

export const NOTHING_RECOVERED: RecoveredInput = { end: 0, positions: new Map(), finished: false, checkpoint: undefined, skips: [], skipped: NOTHING_SKIPPED, switches: [] };
