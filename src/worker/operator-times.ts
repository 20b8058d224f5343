/** Processor time of operators. Each of their processes leads a session, in which what it starts is, too. Linux only. */
import type { Clock } from '../base/clock.ts';
import { readProcessTable } from '../base/process-table.ts';
import type { TaskStatus } from '../job/task-status.ts';

/** Every process of the machine is looked at: once for all reports that follow each other closely. */
const LOOK_MS = 500;

export class OperatorTimes {
  readonly #clock: Clock;
  #lookedAt = -Infinity;
  #cpuMs = new Map<number, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The status with `cpuMs` where it is known. */
  complete(status: TaskStatus): TaskStatus {
    const { load, groups } = status;
    if (load === undefined || groups.length === 0) return status;
    const known = groups.flatMap(({ pid }) => this.#ofSession(pid) ?? []);
    return known.length === 0 ? status : { ...status, load: { ...load, cpuMs: Math.max(...known) } };
  }

  #ofSession(session: number): number | undefined {
    const now = this.#clock.now();
    if (now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      this.#cpuMs = timesOfSessions();
    }
    return this.#cpuMs.get(session);
  }
}

function timesOfSessions(): Map<number, number> {
  const times = new Map<number, number>();
  for (const { session, cpuMs } of readProcessTable().values()) times.set(session, (times.get(session) ?? 0) + cpuMs);
  return times;
}
