import type { OperatorProcessEvents, ProcessGroup } from './operator-process.ts';

/** A running operator, as a task sees it. */
export interface Operator {
  readonly groups: readonly ProcessGroup[];
  readonly killed: boolean;
  /** Gives false when no more should be written before `drain`; `done` is called when the operator's pipe has the bytes. */
  write(bytes: Buffer, done: () => void): boolean;
  /** What was written and is not in the operator's pipe yet, in bytes. */
  readonly pendingBytes: number;
  endInput(): void;
  pauseOutput(): void;
  resumeOutput(): void;
  /** Everything written to its end of the control protocol is in its pipe. */
  readonly controlWritten: boolean;
  writeControl(bytes: Buffer, done: () => void): void;
  letGo(): void;
  kill(): void;
  signal(signal: NodeJS.Signals): void;
}

export type StartOperator = (events: OperatorProcessEvents) => Promise<Operator>;
