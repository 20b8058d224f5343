/** What flags and job file say together of autoscaling. */
import { RainstormError } from '../base/errors.ts';
import { makeScalePolicy, type JobAutoscale, type ScalePolicy } from '../job/scale-policy.ts';

/** By LW and HW, by how busy tasks are, or not at all whatever the job file says. */
export const AUTOSCALE_CHOICES = ['watermarks', 'auto', 'off'] as const;

export interface AutoscaleFlags {
  /** True for the flag without a word behind it. */
  readonly autoscale?: (typeof AUTOSCALE_CHOICES)[number] | true;
  readonly autoscaleDryRun?: boolean;
  readonly lw?: number;
  readonly hw?: number;
}

/** Undefined: stages keep their numbers of tasks. `file`: what the job file says. Throws USAGE. */
export function chooseAutoscale({ autoscale, autoscaleDryRun = false, lw, hw }: AutoscaleFlags, file: ScalePolicy | undefined): JobAutoscale | undefined {
  const hasMarks = lw !== undefined || hw !== undefined;
  if (autoscale !== undefined && autoscaleDryRun) {
    throw new RainstormError('USAGE', '--autoscale does what --autoscale-dry-run would only say', { hint: 'Give one of the two.' });
  }
  if (hasMarks && (autoscale === 'auto' || autoscale === 'off')) {
    throw new RainstormError('USAGE', `--lw and --hw mean nothing with --autoscale ${autoscale}`, { hint: 'Tuples a second are what --autoscale watermarks goes by, as in --autoscale watermarks --lw 50 --hw 200.' });
  }
  if (autoscale === 'watermarks' && !hasMarks && file?.kind !== 'thresholds') {
    throw new RainstormError('USAGE', '--autoscale watermarks is given without --lw and --hw', { hint: 'As in --autoscale watermarks --lw 50 --hw 200; --autoscale auto needs no numbers.' });
  }
  if (autoscale === 'off') return undefined;
  const isAsked = autoscale !== undefined || autoscaleDryRun;
  if (hasMarks && !isAsked && file === undefined) {
    throw new RainstormError('USAGE', '--lw and --hw are for --autoscale or --autoscale-dry-run, neither of which is given');
  }
  if (!isAsked && file === undefined) return undefined;
  const fromFile = autoscale === 'auto' && file?.kind !== 'auto' ? undefined : file;
  // Flags win; with neither, tasks are judged by how busy they are.
  return { policy: hasMarks ? makeScalePolicy(lw, hw) : (fromFile ?? { kind: 'auto' }), dryRun: autoscaleDryRun };
}
