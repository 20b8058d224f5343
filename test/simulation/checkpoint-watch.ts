/** Check 7, at the very moments: what a checkpoint says its consumers have is durable there; what is cut, a checkpoint covers. */
import { InputJournal } from '../../src/task/input-journal.ts';
import type { LogRecord } from '../../src/log/log.ts';
import type { OutputPosition } from '../../src/task/router.ts';
import type { SinkCommit } from '../../src/task/sink-commits.ts';
import type { SourceCheckpoint } from '../../src/task/source-checkpoints.ts';
import type { LogWatch, SimLog } from './sim-log.ts';

export interface Watched {
  /** The logs of the task's consumers, as they are at the moment. */
  readonly consumers: readonly (() => SimLog)[];
  readonly isSink: (consumer: number) => boolean;
  /** The index of the task among the producers of each. */
  readonly producer: number;
}

export function checkpointWatch({ consumers, isSink, producer }: Watched): LogWatch {
  return {
    recorded(log, record) {
      if (consumers.length === 0 || isSink(-1)) return;
      for (const output of outputsIn(log, record)) {
        for (const [index, { sequence, stopped }] of output.channels.entries()) {
          const consumer = consumers[index]?.() as SimLog;
          const durable = isSink(index) ? committedBy(consumer, producer) : journaledBy(consumer, producer);
          if (!stopped && sequence > durable) throw new Error(`check 7: a checkpoint of ${log.name} stands behind ${sequence} tuples of consumer ${index}, which has ${durable}`);
        }
      }
    },
    cut(log, before) {
      const covered = [...new InputJournal(log).entries(log.records.filter(({ type }) => isJournal(type)))]
        .some((entry) => entry.kind === 'checkpoint' && entry.checkpoint.after >= before);
      if (!covered && isJournal(log.records[0]?.type ?? 0)) throw new Error(`check 7: ${log.name} is cut before ${before}, which no checkpoint covers`);
    },
  };
}

const COMMIT_TYPE = 4;
const SOURCE_CHECKPOINT_TYPE = 9;
/** Of a source that can be read only once: its blocks and its end. */
const SOURCE_TYPES: ReadonlySet<number> = new Set([10, 11]);

function isJournal(type: number): boolean {
  return type !== COMMIT_TYPE && type !== SOURCE_CHECKPOINT_TYPE && !SOURCE_TYPES.has(type);
}

/** The output positions that a record says to be safe. */
function outputsIn(log: SimLog, record: LogRecord): OutputPosition[] {
  if (record.type === SOURCE_CHECKPOINT_TYPE) return [(JSON.parse(record.payload.toString()) as SourceCheckpoint).output];
  const entries = [...new InputJournal(log).entries(isJournal(record.type) ? [record] : [])];
  return entries.flatMap((entry) => (entry.kind === 'checkpoint' ? [entry.checkpoint.output] : []));
}

function journaledBy(log: SimLog, producer: number): number {
  let next = 0;
  for (const entry of new InputJournal(log).entries(log.records)) if (entry.kind === 'frame' && entry.producer === producer) next = entry.first + entry.count;
  return next;
}

function committedBy(log: SimLog, producer: number): number {
  const last = log.records.at(-1);
  return last === undefined ? 0 : ((JSON.parse(last.payload.toString()) as SinkCommit).positions[producer]?.next ?? 0);
}
