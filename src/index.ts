/**
 * RainStorm in a program:
 *
 *     import { runJob } from 'rainstorm';
 *
 *     const { dest, elapsedMs } = await runJob({ stages: 'filter=Stop,aggregate=7:3', src: 'in.csv', dest: 'out.csv' });
 *
 * docs/library.md describes it. Operators are written with `rainstorm/operator`.
 */
export { RainstormError, type ErrorCode } from './base/errors.ts';
export type { JobEvent, JobFailure, JobState, JobStatus, Rates, ScaleChange, StageStatus } from './launch/job-events.ts';
export { JobFailedError } from './launch/job-failed.ts';
export type { AutoscaleMarks, RunJobOptions, StageOptions } from './launch/job-options.ts';
export { runJob, type JobSummary } from './launch/run-job.ts';
