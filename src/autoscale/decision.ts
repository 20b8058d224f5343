import type { ScalePolicy } from '../job/scale-policy.ts';

/** What is to become of a stage. */
export interface Decision {
  /** `hold`: it would have another number of tasks if something did not forbid it; nothing is to be done. */
  readonly kind: 'scale' | 'hold';
  readonly stage: number;
  /** Tasks now. */
  readonly from: number;
  /** Tasks that it is to have, or of `hold`, that it would have. */
  readonly to: number;
  /** The figures it follows from and, of `hold`, what forbids it. */
  readonly reason: string;
  /** One line for the log: `SCALE stage 2: 2 -> 4, 412/s per task > HW 200, true rate 430/s`. */
  readonly event: string;
}

export interface Figures {
  readonly policy: ScalePolicy;
  readonly side: 'above' | 'below';
  readonly tasks: number;
  /** Of the stage, in the unit of its band: tuples/s, or tasks that work all the time. */
  readonly load: number;
  /** Tuples/s that the stage took of late. */
  readonly rate: number;
  /** Tuples/s that it would be given; undefined while nobody knows. */
  readonly demand: number | undefined;
  /** Tuples/s that a task takes while it works. */
  readonly trueRate: number | undefined;
  readonly band: { readonly low: number; readonly high: number };
}

/** Of what is measured, more digits would be noise. */
const DIGITS = 3;

export function scaled(stage: number, from: number, to: number, reason: string): Decision {
  return { kind: 'scale', stage, from, to, reason, event: `SCALE stage ${stage}: ${from} -> ${to}, ${reason}` };
}

export function held(stage: number, from: number, to: number, reason: string): Decision {
  return { kind: 'hold', stage, from, to, reason, event: `HOLD stage ${stage}: ${from}, not ${to}, ${reason}` };
}

/** `412/s per task > HW 200, true rate 430/s`, or `needs 191 % of its time > 80 %, 1640/s wanted of 824/s taken, true rate 430/s`. */
export function explain({ policy, side, tasks, load, rate, demand, trueRate, band }: Figures): string {
  const share = load / tasks;
  const sign = side === 'above' ? '>' : '<';
  const limit = side === 'above' ? band.high : band.low;
  const what = policy.kind === 'thresholds'
    ? `${rounded(share)}/s per task ${sign} ${side === 'above' ? 'HW' : 'LW'} ${rounded(limit)}`
    : `needs ${percent(share)} of its time ${sign} ${percent(limit)}, ${rounded(demand ?? rate)}/s wanted and ${rounded(rate)}/s taken`;
  return trueRate === undefined ? what : `${what}, true rate ${rounded(trueRate)}/s`;
}

/** Three digits: 0.0412, 4.12, 412, 41200. */
export function rounded(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
