/** `rainstorm run`: reads what is asked for, starts workers, and leaves the rest to what is loaded while they start. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { wantsHeader } from '../job/wants-header.ts';
import { RainstormError } from '../base/errors.ts';
import { readJobSpec } from '../launch/job-spec.ts';
import type { RunOptions } from './run-options.ts';
import { startWorkers } from '../launch/worker-processes.ts';

/** Runs the job and gives the exit status. Throws what is wrong with the request, before any process is started if it can. */
export async function run(file: string | undefined, options: RunOptions): Promise<number> {
  if (options.resume !== undefined) return resume(options.resume, file, options);
  const { spec, workers } = await readJobSpec(file, options, { cwd: process.cwd(), stdinIsTerminal: process.stdin.isTTY });
  const readsHeader = wantsHeader(spec);
  const children = options.leader === undefined ? startWorkers(workers, resolve(options.dataDir)) : [];
  try {
    const { runJob } = await import('./run-job.ts');
    return await runJob({ spec, workers, readsHeader, children, options });
  } finally {
    for (const child of children) child.process.kill('SIGKILL');
  }
}

/** The job is what it was: nothing can be said of it anew, but how many workers it gets. */
async function resume(job: string, file: string | undefined, options: RunOptions): Promise<number> {
  const said = Object.keys(options).filter((name) => !RESUME_FLAGS.has(name) && options[name as keyof RunOptions] !== undefined);
  if (file !== undefined || said.length > 0) {
    throw new RainstormError('USAGE', `a job that is resumed goes on as it was begun, whatever ${[...(file === undefined ? [] : [file]), ...said].join(', ')} should be now`, { hint: 'Give --resume JOB, and of other flags only --workers, --data-dir, --ui, --quiet and --json.' });
  }
  const children = startWorkers(options.workers ?? availableParallelism(), resolve(options.dataDir));
  try {
    const { resumeJob } = await import('./run-job.ts');
    return await resumeJob({ job, children, options });
  } finally {
    for (const child of children) child.process.kill('SIGKILL');
  }
}

const RESUME_FLAGS: ReadonlySet<string> = new Set(['resume', 'workers', 'dataDir', 'ui', 'quiet', 'json', 'keep', 'keepJobs', 'keepBytes']);
