/**
 * A task's log. No tuple can forge an event: its bytes are escaped and stand behind the event's word.
 */
import { EventLog } from '../base/event-log.ts';
import type { Block } from '../job/block.ts';
import type { LogTuples } from '../job/stage-spec.ts';
import { Output } from '../kit/output.ts';
import { escapeTuple, isLoggedAsItIs, mayNeedEscape } from './escape-tuple.ts';

export type LogEvent =
  | 'START' | 'RESTART' | 'REPLAY' | 'CHECKPOINT' | 'CUT' | 'EXIT' | 'KILLED' | 'STALLED' | 'REJECTED' | 'SKIP' | 'SWITCH' | 'END' | 'FAILED' | 'NOTE';

/** Output tuples logged unless all are asked for: enough to see what a stage does, little enough to cost nothing. */
const FIRST_TUPLES = 10_000;

/** What a task writes of itself. */
export interface TaskLog {
  event(event: LogEvent, details: string): void;
  stderr(line: Buffer): void;
  /** The tuples of a block, the first of which is output number `sequence` of the task. */
  output(block: Block, sequence: number): void;
}

export class LocalLog implements TaskLog {
  readonly #log: EventLog;
  readonly #task: string;
  readonly #logTuples: LogTuples;
  readonly #lines = new Output();
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
    if (room > 0) this.#log.writeLines(this.#linesOf(block, room, sequence));
    if (this.#logTuples === 'first' && this.#tuples < FIRST_TUPLES && this.#tuples + block.count >= FIRST_TUPLES) {
      this.event('NOTE', `further output tuples are not logged (the first ${FIRST_TUPLES} are; --log-tuples all|off)`);
    }
    this.#tuples += block.count;
  }

  /** One buffer for all lines of a block: thousands of small writes would cost more than the work itself. */
  #linesOf(block: Block, count: number, sequence: number): Buffer {
    const { bytes, ends } = block;
    const head = `${this.#log.head('OUTPUT').toString('latin1')}${this.#task}#`;
    const isPlain = !mayNeedEscape(bytes);
    let start = 0;
    for (let tuple = 0; tuple < count; tuple++) {
      const end = ends[tuple] as number;
      this.#lines.latin1(`${head}${sequence + tuple} `);
      if (isPlain && isLoggedAsItIs(bytes, start, end - 1)) this.#lines.bytes(bytes, start, end);
      else this.#lines.line(escapeTuple(bytes, start, end - 1));
      start = end;
    }
    return this.#lines.take();
  }

  close(): void {
    this.#log.close();
  }
}
