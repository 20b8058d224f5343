import { invariant } from '../base/errors.ts';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import type { BusyBand, ScalePolicy, StageAutoscale } from '../job/scale-policy.ts';
import type { Band } from './band.ts';

export interface StageSettings extends Omit<StageAutoscale, 'off'> {
  /** Why the stage keeps its number of tasks, as it will stand in the event. */
  readonly fixed?: string | undefined;
}

export interface AutoscaleSettings {
  readonly policy: ScalePolicy;
  /** By stage number. */
  readonly stages?: Readonly<Record<number, StageSettings>> | undefined;
}

/** With nothing left out. */
export interface StageRule {
  readonly policy: ScalePolicy;
  readonly band: Band;
  readonly min: number;
  readonly max: number;
  readonly cooldownMs: number;
  readonly fixed: string | undefined;
}

/** Tasks are processes: more of them than this on the machines of one job should be somebody's wish. */
const DEFAULT_MAX_TASKS = 32;

/** A rescale stops the stage for about half a second, and what piled up meanwhile takes some seconds more. */
const DEFAULT_COOLDOWN_MS = 10_000;

/**
 * Shares of a task's time. Above the high one queues grow quickly with every burst; the target leaves 30 % to work off what
 * has piled up; the low one lies so far below that the sizes next to each other do not call for one another.
 */
const AUTO_BAND: Band = { low: 0.5, high: 0.8, target: 0.7 };

/** Where between its own marks a stage is aimed at: as AUTO_BAND between its. */
const BUSY_AIM = 2 / 3;

/** Where between LW and HW a stage is aimed at: fewer tasks than in the middle, and still room for noise. */
const THRESHOLDS_AIM = 0.7;

/** The rule for one stage. Throws for settings that contradict themselves, which whoever reads them must have refused. */
export function ruleFor(settings: AutoscaleSettings, stage: number): StageRule {
  const own = settings.stages?.[stage] ?? {};
  const policy = own.policy ?? settings.policy;
  const min = own.min ?? 1;
  const max = own.max ?? Math.max(min, DEFAULT_MAX_TASKS);
  const cooldownMs = own.cooldownMs ?? DEFAULT_COOLDOWN_MS;
  invariant(min >= 1 && min <= max && max <= MAX_TASKS_PER_STAGE, `stage ${stage} may have ${min} to ${max} tasks`);
  invariant(cooldownMs >= 0, `a cool-down of ${cooldownMs} ms has a length`);
  return { policy, band: bandOf(policy), min, max, cooldownMs, fixed: own.fixed };
}

function bandOf(policy: ScalePolicy): Band {
  if (policy.kind === 'auto') return policy.busy === undefined ? AUTO_BAND : busyBand(policy.busy);
  const { lw, hw } = policy;
  invariant(lw >= 0 && lw < hw && Number.isFinite(hw), `LW ${lw} lies below HW ${hw}`);
  return { low: lw, high: hw, target: lw + THRESHOLDS_AIM * (hw - lw) };
}

function busyBand({ low, high }: BusyBand): Band {
  invariant(low >= 0 && low < high && high <= 1, `a low share of ${low} lies below a high one of ${high}`);
  return { low, high, target: low + BUSY_AIM * (high - low) };
}
