/** A task's log, a batch of lines at a time. */
import { linesOf } from '../log-lines.ts';
import { liveLog, type FollowOptions, type LiveRecord } from '../task-log.ts';
import { MAX_LOG_LINES } from './log-keys.ts';

/** Nobody reads faster, and each batch is a frame. */
const BATCH_MS = 50;

/** A line is cut at the edge of the screen long before. */
const MAX_LINE_CHARACTERS = 2_000;

/** Resolves when the log has ended, or `signal` is aborted. Throws UNREACHABLE, UNKNOWN_TASK. */
export async function followLog(record: LiveRecord, task: string, following: Omit<FollowOptions, 'follow'>, take: (lines: readonly string[]) => void): Promise<void> {
  let batch: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = batch;
    batch = [];
    if (lines.length > 0 && !following.signal.aborted) take(lines.slice(-MAX_LOG_LINES));
  };
  try {
    for await (const line of linesOf(liveLog(record, task, { ...following, follow: true }))) {
      if (following.signal.aborted) return;
      batch.push(Buffer.from(line.slice(0, MAX_LINE_CHARACTERS), 'latin1').toString());
      if (batch.length >= MAX_LOG_LINES) flush();
      timer ??= setTimeout(flush, BATCH_MS);
    }
  } finally {
    flush();
  }
}
