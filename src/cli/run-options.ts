import type { KeepLimits } from '../leader/keep-limits.ts';
import type { JobFlags } from '../launch/job-spec.ts';

/** What `rainstorm run` is asked, as commander gives it. */
export interface RunOptions extends JobFlags {
  readonly dataDir: string;
  readonly leader?: string;
  readonly tokenFile?: string;
  /** Show the dashboard. */
  readonly ui?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
  /** A job to go on with whose processes are all gone. */
  readonly resume?: string;
  /** What is killed while the job runs, and how often, as in tasks:2s,workers:10s. */
  readonly chaos?: string;
  readonly chaosSeed?: number;
  readonly keep: KeepLimits;
}
