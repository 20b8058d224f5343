/** What a worker and its operators take of the machine, for its reports. */
import type { Clock } from '../base/clock.ts';
import type { WorkerReport } from '../control/schemas.ts';
import type { OperatorTimes } from './operator-times.ts';

type Usage = NonNullable<WorkerReport['usage']>;

/** Processor time is told in steps of 10 ms; over shorter spans that is noise. Reports may follow each other more closely. */
const MIN_SPAN_MS = 900;

/** In milliseconds of processor time. */
interface Taken {
  readonly atMs: number;
  readonly ownMs: number;
  /** By session. */
  readonly operators: ReadonlyMap<number, number>;
}

export class WorkerUsage {
  readonly #clock: Clock;
  readonly #times: OperatorTimes;
  #before: Taken;
  #last: Usage | undefined;

  constructor(clock: Clock, times: OperatorTimes) {
    this.#clock = clock;
    this.#times = times;
    this.#before = { atMs: clock.now(), ownMs: ownMs(), operators: new Map() };
  }

  /** `operators`: the processes that lead their sessions. What one that has ended took since the last look is not known. */
  look(operators: readonly number[]): Usage {
    const atMs = this.#clock.now();
    const spanMs = atMs - this.#before.atMs;
    if (this.#last !== undefined && spanMs < MIN_SPAN_MS) return this.#last;
    const sessions = operators.flatMap((pid) => {
      const taken = this.#times.ofSession(pid);
      return taken === undefined ? [] : [{ pid, ...taken }];
    });
    const now: Taken = { atMs, ownMs: ownMs(), operators: new Map(sessions.map(({ pid, cpuMs }) => [pid, cpuMs])) };
    const operatorMs = [...now.operators].reduce((sum, [pid, cpuMs]) => sum + Math.max(0, cpuMs - (this.#before.operators.get(pid) ?? 0)), 0);
    this.#last = {
      cpuShare: spanMs <= 0 ? 0 : Math.max(0, now.ownMs - this.#before.ownMs + operatorMs) / spanMs,
      memoryBytes: process.memoryUsage.rss() + sessions.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      operatorsMeasured: process.platform === 'linux',
    };
    this.#before = now;
    return this.#last;
  }
}

function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
