/** Processor time and memory of operators. Each of their processes leads a session, in which what it starts is, too. Linux only. */
import type { Clock } from '../base/clock.ts';
import { readProcessTable } from '../base/process-table.ts';
import type { TaskStatus } from '../job/task-status.ts';

/** Every process of the machine is looked at: once for all reports that follow each other closely. */
const LOOK_MS = 500;

/** What the processes of a session have taken together. */
interface Taken {
  readonly cpuMs: number;
  readonly residentBytes: number;
}

export class OperatorTimes {
  readonly #clock: Clock;
  #lookedAt = -Infinity;
  #taken = new Map<number, Taken>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The status with `cpuMs` where it is known. */
  complete(status: TaskStatus): TaskStatus {
    const { load, groups } = status;
    if (load === undefined || groups.length === 0) return status;
    const known = groups.flatMap(({ pid }) => this.ofSession(pid)?.cpuMs ?? []);
    return known.length === 0 ? status : { ...status, load: { ...load, cpuMs: Math.max(...known) } };
  }

  /** Undefined where it has ended, or the system does not tell. */
  ofSession(session: number): Taken | undefined {
    const now = this.#clock.now();
    if (now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      this.#taken = takenBySessions();
    }
    return this.#taken.get(session);
  }
}

function takenBySessions(): Map<number, Taken> {
  const sessions = new Map<number, Taken>();
  for (const { session, cpuMs, residentBytes } of readProcessTable().values()) {
    const others = sessions.get(session);
    sessions.set(session, { cpuMs: (others?.cpuMs ?? 0) + cpuMs, residentBytes: (others?.residentBytes ?? 0) + residentBytes });
  }
  return sessions;
}
