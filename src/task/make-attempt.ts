/** Attempts of a task's operator: what they begin with, and where their output goes. */
import type { BlockSplitterOptions } from '../job/block-splitter.ts';
import type { Outcome } from './attempt-options.ts';
import { EagerOutput, type AttemptOutput } from './attempt-output.ts';
import type { Checkpoint } from './checkpoint-record.ts';
import { CommittedOutput } from './committed-output.ts';
import type { RecordedCheckpoint } from './input-journal.ts';
import { OperatorAttempt } from './operator-attempt.ts';
import type { OperatorTaskOptions } from './operator-task-options.ts';
import { StallReport } from './stall-report.ts';

export interface AttemptStart {
  readonly number: number;
  /** Where it begins; undefined for the beginning of the job. */
  readonly from: RecordedCheckpoint | undefined;
  /** Output tuples that earlier attempts have logged. */
  readonly loggedTuples: number;
  /** Whose it is, for messages. */
  readonly title: string;
}

export interface AttemptEvents {
  readonly room: () => void;
  readonly checkpoint: (checkpoint: Checkpoint) => void;
  /** So much output waits for a checkpoint that one is due. */
  readonly muchHeld: () => void;
  readonly ended: (attempt: OperatorAttempt, outcome: Outcome) => void;
}

interface MadeAttempt {
  readonly attempt: OperatorAttempt;
  readonly stall: StallReport;
}

/** Rejects with DIVERGED, and with what its checkpoint cannot be read for. */
export async function makeAttempt(options: OperatorTaskOptions, start: AttemptStart, events: AttemptEvents): Promise<MadeAttempt> {
  const { log, stage, clock, changed } = options;
  const { outlet, state } = await openOutlet(options, start, events.muchHeld);
  const stall = new StallReport({ stage, clock, log, changed, attempt: start.number, kill: () => attempt.signal('SIGKILL') });
  const attempt: OperatorAttempt = new OperatorAttempt({
    number: start.number,
    contract: stage.contract,
    state,
    start: options.startOperator,
    output: tuplesOf(options, start),
    outlet,
    log,
    stall: stall.settings,
    room: events.room,
    // The leader must know the processes at once: if this worker dies, it is the leader who ends them.
    started: changed,
    checkpoint: events.checkpoint,
    ended: (outcome) => events.ended(attempt, outcome),
  });
  return { attempt, stall };
}

/** Where output stands at a checkpoint, and the state there. What the checkpoint holds is routed. Rejects as `makeAttempt` does. */
export async function openOutlet(options: OperatorTaskOptions, start: AttemptStart, muchHeld: () => void): Promise<{ outlet: AttemptOutput; state: Buffer | undefined }> {
  const { log, stage, journal, lanes } = options;
  const { from, loggedTuples } = start;
  const router = lanes.router();
  router.restart(from?.output);
  const contents = from === undefined ? undefined : await journal?.contentsOf(from);
  const outlet = stage.release === 'committed' && journal !== undefined
    ? new CommittedOutput({ router, log, loggedTuples, tuples: tuplesOf(options, start), muchHeld }, contents?.held ?? [])
    : new EagerOutput({ router, log, loggedTuples });
  // A task of a later generation begins at a checkpoint even where there was no state to inherit.
  const isFresh = stage.contract === 'snapshot' && from?.inputBytes === 0 && contents?.state.length === 0;
  return { outlet, state: isFresh ? undefined : contents?.state };
}

function tuplesOf({ stage, maxTupleBytes }: OperatorTaskOptions, { title }: AttemptStart): BlockSplitterOptions {
  return { format: stage.outputFormat, maxTupleBytes, where: `the output of ${title}` };
}
