/** `completion` and its argument. */
import { Argument, type Command } from 'commander';

export function addCompletion(program: Command): void {
  program.command('completion')
    .description('print a script that completes commands and flags in a shell')
    .addArgument(new Argument('<shell>', 'whose').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      await (await import('./completion.ts')).printCompletion(shell, program);
    });
}
