/** `top` and its flags. */
import type { Command } from 'commander';
import { looking, ofJob, type LookOptions } from './flags.ts';

const HELP = `
Keys:
  up, down, PgUp, PgDn   select a task
  left, right            the tasks of one stage alone, and of all again
  k                      kill the operator of the selected task (asks first)
  s                      give the selected stage another number of tasks (asks for it)
  l, Enter               its log; Esc leads back
  w                      workers
  o, r                   sort by another column; the other way round
  q, Ctrl-C              quit; the job goes on

Examples:
  rainstorm top
  rainstorm top --once | less -S
`;

export function addTop(program: Command, setStatus: (status: number) => void): void {
  ofJob(looking(program.command('top'), 'watch a live job: rates, who is busy or held back; kill, scale, read logs'))
    .option('--once', 'print it once as plain text, as where there is no terminal', false)
    .addHelpText('after', HELP)
    .action(async (options: LookOptions & { once: boolean }) => {
      const status = await (await import('./top.ts')).top(options);
      setStatus(status);
    });
}
