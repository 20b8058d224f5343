/** The commands that only look, and their flags. */
import type { Command } from 'commander';
import { looking, ofJob, type LookOptions } from './flags.ts';

export function addLooking(program: Command): void {
  looking(program.command('jobs'), 'list jobs, the newest first').action(async (options: LookOptions) => {
    await (await import('./jobs.ts')).listJobs(options);
  });
  ofJob(looking(program.command('tasks').aliases(['list-tasks', 'list_tasks']), 'list the tasks of a live job'))
    .option('--all', 'source and sinks too', false)
    .action(async (options: LookOptions & { all: boolean }) => {
      await (await import('./tasks.ts')).listTasks(options);
    });
  ofJob(looking(program.command('logs'), 'show the logs of tasks'))
    .argument('[task]', 'a task as in 2-0, or leader; by default all tasks')
    .option('--grep <regex>', 'only lines that match')
    .option('--follow', 'go on until the job ends', false)
    .action(async (task: string | undefined, options: LookOptions & { grep?: string; follow: boolean }) => {
      await (await import('./logs.ts')).showLogs({ ...options, task });
    });
}
