/** Gives the stages of running jobs the number of tasks that they should have, or only says it, where that was asked for. */
import { decide, type AutoscaleState } from '../autoscale/autoscale.ts';
import type { Decision } from '../autoscale/decision.ts';
import { doneBy, notDone } from '../autoscale/carried-out.ts';
import type { AutoscaleSettings, StageSettings } from '../autoscale/settings.ts';
import { RainstormError } from '../base/errors.ts';
import type { EventLog } from '../base/event-log.ts';
import type { JobState } from '../control/views.ts';
import { notScalable } from '../job/hand-over.ts';
import type { JobPlan, StagePlan } from '../job/plan.ts';
import type { JobAutoscale } from '../job/scale-policy.ts';
import { scaleStage, type ScalableJob } from './scale-stage.ts';
import { isSourceOver, sampleStages, type SampledJob } from './stage-samples.ts';

/**
 * A stage that could not be given other tasks is left alone for so long: what was in the way may have gone by then, and the
 * log is not filled with what cannot be.
 */
const REFUSAL_HOLDS_MS = 60_000;

export type AutoscaledJob = SampledJob & ScalableJob & { readonly state: JobState };

interface Refusal {
  readonly why: string;
  readonly atMs: number;
}

/** What is known of one job. Times are those of the clock that `look` is given. */
interface Watched {
  /** When it was first seen to run. */
  readonly sinceMs: number;
  state: AutoscaleState | undefined;
  /** By stage. */
  readonly refusals: Map<number, Refusal>;
  /** Decisions whose end has been heard of since the last look; `why` they were refused. */
  ended: { readonly decision: Decision; readonly why: string | undefined }[];
}

export class Autoscaler {
  readonly #log: Pick<EventLog, 'text'>;
  /** By job. */
  #watched = new Map<string, Watched>();

  constructor(log: Pick<EventLog, 'text'>) {
    this.#log = log;
  }

  /** To be called each second, with all jobs. `now` in milliseconds. */
  look(jobs: readonly AutoscaledJob[], now: number): void {
    const asked = jobs.filter(({ state, topology }) => state === 'running' && topology.plan.autoscale !== undefined);
    this.#watched = new Map(asked.map(({ job }) => [job, this.#watched.get(job) ?? { sinceMs: now, state: undefined, refusals: new Map(), ended: [] }]));
    for (const job of asked) this.#lookAt(job, this.#watched.get(job.job) as Watched, now);
  }

  #lookAt(job: AutoscaledJob, watched: Watched, now: number): void {
    const asked = job.topology.plan.autoscale;
    if (asked === undefined) return;
    takeNote(watched, now);
    if (isSourceOver(job)) return;
    const { state, decisions } = decide(watched.state, sampleStages(job, now - watched.sinceMs), now, settingsOf(job.topology.plan, asked, watched, now));
    watched.state = asked.dryRun ? notDone(state, decisions) : state;
    for (const decision of decisions) {
      if (asked.dryRun || decision.kind === 'hold') this.#say(job, decision, asked.dryRun ? 'DRY-RUN' : 'HOLD');
      else void carryOut(job, watched, decision);
    }
  }

  #say(job: AutoscaledJob, { stage, from, to, reason, event }: Decision, word: 'DRY-RUN' | 'HOLD'): void {
    job.scaling.advise(stage, event);
    this.#log.text(word, `job=${job.job} ${word === 'HOLD' ? `stage ${stage}: ${from}, not ${to}, ${reason}` : event}`);
  }
}

async function carryOut(job: AutoscaledJob, watched: Watched, decision: Decision): Promise<void> {
  try {
    await scaleStage(job, decision);
    watched.ended.push({ decision, why: undefined });
  } catch (error) {
    if (!(error instanceof RainstormError)) throw error;
    watched.ended.push({ decision, why: error.message });
  }
}

/** What has become of the decisions before. */
function takeNote(watched: Watched, now: number): void {
  for (const { decision, why } of watched.ended) {
    if (why !== undefined) watched.refusals.set(decision.stage, { why, atMs: now });
    if (watched.state !== undefined) watched.state = why === undefined ? doneBy(watched.state, decision, now) : notDone(watched.state, [decision]);
  }
  watched.ended = [];
}

function settingsOf({ stages }: JobPlan, { policy }: JobAutoscale, { refusals }: Watched, now: number): AutoscaleSettings {
  return { policy, stages: Object.fromEntries(stages.map((stage) => [stage.number, settingsOfStage(stage, refusals.get(stage.number), now)])) };
}

function settingsOfStage(stage: StagePlan, refusal: Refusal | undefined, now: number): StageSettings {
  const isRefused = refusal !== undefined && now - refusal.atMs < REFUSAL_HOLDS_MS;
  const { off, ...settings } = stage.autoscale ?? {};
  const fixed = off === true ? 'its autoscale is off' : (notScalable(stage)?.reason ?? (isRefused ? refusal.why : undefined));
  return { ...settings, fixed };
}
