/** The commands that change a running job or what is kept of ended ones, and their flags. */
import type { Command } from 'commander';
import { MAX_TASKS_PER_STAGE } from '../base/limits.ts';
import { looking, ofJob, parseByteSizeFlag, wholeNumber, type KeepFlags, type LookOptions } from './flags.ts';

export function addUpkeep(program: Command): void {
  ofJob(looking(program.command('kill-task').alias('kill_task'), 'kill the operator of a task with SIGKILL'))
    .argument('<task>', 'a task as in 2-0, or the pid of its operator (in a chain, of any process); or its worker, and then the pid')
    .argument('[pid]', 'where a worker is given')
    .action(async (target: string, pid: string | undefined, options: LookOptions) => {
      await (await import('./kill-task.ts')).killTask({ ...options, ...(pid === undefined ? { target } : { target: pid, worker: target }) });
    });
  ofJob(looking(program.command('scale'), 'give a stage of a running job another number of tasks'))
    .argument('<stage>', 'its number, as tasks shows it')
    .argument('<tasks>', `how many tasks it is to have, 1 to ${MAX_TASKS_PER_STAGE}`)
    .action(async (stage: string, tasks: string, options: LookOptions) => {
      await (await import('./scale.ts')).scale({ ...options, stage, tasks });
    });
  ofJob(looking(program.command('cancel'), 'cancel a live job')).action(async (options: LookOptions) => {
    await (await import('./cancel.ts')).cancelJob(options);
  });
  looking(program.command('clean'), 'remove what is kept of jobs that have ended')
    .option('--keep-jobs <number>', 'but keep the newest so many (default: none)', wholeNumber(0, 1_000_000))
    .option('--keep-bytes <size>', 'and no more than so much of them', parseByteSizeFlag)
    .option('--all', 'folders that do not show whether their job lives, too', false)
    .action(async (options: LookOptions & KeepFlags & { all: boolean }) => {
      await (await import('./clean.ts')).cleanJobs(options);
    });
}
