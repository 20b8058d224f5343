/**
 * A task's log. No tuple can forge an event: its bytes are escaped and stand behind the event's word.
 */
import { EventLog } from '../base/event-log.ts';
import type { Block } from '../job/block.ts';
import type { LogTuples } from '../job/stage-spec.ts';
import { escapeTuple } from './escape-tuple.ts';

export type LogEvent =
  | 'START' | 'EXIT' | 'KILLED' | 'REJECTED' | 'END' | 'FAILED' | 'NOTE';

/** Output tuples logged unless all are asked for: enough to see what a stage does, little enough to cost nothing. */
const FIRST_TUPLES = 10_000;

export class LocalLog {
  readonly #log: EventLog;
  readonly #task: string;
  readonly #logTuples: LogTuples;
  #tuples = 0;

  /** `task`: its id, for OUTPUT lines. Opens the file for appending; the folder is made if needed. */
  constructor(path: string, task: string, logTuples: LogTuples) {
    this.#log = new EventLog(path);
    this.#task = task;
    this.#logTuples = logTuples;
  }

  get path(): string {
    return this.#log.path;
  }

  event(event: LogEvent, details: string): void {
    this.#log.text(event, details);
  }

  stderr(line: Buffer): void {
    this.#log.write('STDERR', escapeTuple(line, 0, line.length));
  }

  /** Logs the tuples of a block, the first of which is output number `sequence` of the task. */
  output(block: Block, sequence: number): void {
    if (this.#logTuples === 'off') return;
    const room = this.#logTuples === 'all' ? block.count : Math.min(block.count, FIRST_TUPLES - this.#tuples);
    let start = 0;
    for (let tuple = 0; tuple < room; tuple++) {
      const end = block.ends[tuple] as number;
      const text = escapeTuple(block.bytes, start, end - 1);
      this.#log.write('OUTPUT', Buffer.concat([Buffer.from(`${this.#task}#${sequence + tuple} `), text]));
      start = end;
    }
    if (this.#logTuples === 'first' && this.#tuples < FIRST_TUPLES && this.#tuples + block.count >= FIRST_TUPLES) {
      this.event('NOTE', `further output tuples are not logged (the first ${FIRST_TUPLES} are; --log-tuples all|off)`);
    }
    this.#tuples += block.count;
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}
