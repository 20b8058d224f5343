/** What chaos has done: each kill, and how long it took until its victim was back. */
import type { Victim } from './chaos-schedule.ts';

interface ChaosKill extends Victim {
  /** Milliseconds since the start. */
  readonly atMs: number;
  /** Milliseconds from the kill to the recovery; undefined where there was none, since the job ended before. */
  readonly recoveryMs: number | undefined;
}

export interface ChaosSummary {
  readonly seed: number;
  /** In the order of time. */
  readonly kills: readonly ChaosKill[];
  /** Of the recoveries; undefined without any. Of an even number the median is the mean of the middle two. */
  readonly medianMs: number | undefined;
  readonly maxMs: number | undefined;
}

export class ChaosRecord {
  readonly #seed: number;
  readonly #startedAt: number;
  readonly #kills: { readonly victim: Victim; readonly killedAt: number; recoveredAt: number | undefined }[] = [];

  /** Times are milliseconds of one clock. */
  constructor(seed: number, startedAt: number) {
    this.#seed = seed;
    this.#startedAt = startedAt;
  }

  killed(victim: Victim, now: number): void {
    this.#kills.push({ victim, killedAt: now, recoveredAt: undefined });
  }

  /** Ends every kill of that victim that is still open: one that was killed while it recovered comes back once. */
  recovered(victim: Victim, now: number): void {
    for (const kill of this.#kills) {
      if (kill.recoveredAt === undefined && kill.victim.kind === victim.kind && kill.victim.name === victim.name) kill.recoveredAt = now;
    }
  }

  /** Those that were killed and have not come back. */
  get open(): readonly Victim[] {
    return this.#kills.filter((kill) => kill.recoveredAt === undefined).map((kill) => kill.victim);
  }

  summary(): ChaosSummary {
    const kills = this.#kills.map(({ victim, killedAt, recoveredAt }) => ({
      ...victim, atMs: killedAt - this.#startedAt, recoveryMs: recoveredAt === undefined ? undefined : recoveredAt - killedAt,
    }));
    const recoveries = kills.flatMap(({ recoveryMs }) => recoveryMs ?? []).toSorted((a, b) => a - b);
    return { seed: this.#seed, kills, medianMs: medianOf(recoveries), maxMs: recoveries.at(-1) };
  }
}

function medianOf(sorted: readonly number[]): number | undefined {
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : (lower + upper) / 2;
}
