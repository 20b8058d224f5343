/** Says how many tasks the stages of running jobs should have, where that was asked for. Nothing is done about it. */
import { decide, type AutoscaleState } from '../autoscale/autoscale.ts';
import { notDone } from '../autoscale/not-done.ts';
import type { EventLog } from '../base/event-log.ts';
import type { JobRun } from './job-run.ts';
import { isSourceOver, sampleStages } from './stage-samples.ts';

interface Watched {
  /** When it was first seen to run, by the clock that `look` is given. */
  readonly sinceMs: number;
  readonly state: AutoscaleState | undefined;
}

export class Advisor {
  readonly #log: Pick<EventLog, 'text'>;
  /** By job. */
  #watched = new Map<string, Watched>();

  constructor(log: Pick<EventLog, 'text'>) {
    this.#log = log;
  }

  /** To be called each second, with all jobs. `now` in milliseconds. */
  look(runs: readonly JobRun[], now: number): void {
    const asked = runs.filter((run) => run.state === 'running' && run.topology.plan.scaleAdvice !== undefined);
    this.#watched = new Map(asked.map((run) => [run.job, this.#lookAt(run, this.#watched.get(run.job) ?? { sinceMs: now, state: undefined }, now)]));
  }

  #lookAt(run: JobRun, watched: Watched, now: number): Watched {
    const policy = run.topology.plan.scaleAdvice;
    if (policy === undefined || isSourceOver(run)) return watched;
    const { state, decisions } = decide(watched.state, sampleStages(run, now - watched.sinceMs), now, { policy });
    for (const { stage, event } of decisions) {
      run.scaleAdvice.set(stage, event);
      this.#log.text('DRY-RUN', `job=${run.job} ${event}`);
    }
    return { ...watched, state: notDone(state, decisions) };
  }
}
