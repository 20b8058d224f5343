/** `rainstorm run`: reads what is asked for, starts workers, and leaves the rest to what is loaded while they start. */
import { resolve } from 'node:path';
import { wantsHeader } from '../job/wants-header.ts';
import { readJobSpec } from './job-spec.ts';
import type { RunOptions } from './run-options.ts';
import { startWorkers } from './worker-processes.ts';

/** Runs the job and gives the exit status. Throws what is wrong with the request, before any process is started if it can. */
export async function run(file: string | undefined, options: RunOptions): Promise<number> {
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
