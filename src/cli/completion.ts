/** `rainstorm completion`: prints what makes a shell complete the words of this command line. */
import type { Command } from 'commander';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { completionWords } from './completion-words.ts';
import { zshCompletion } from './completion-zsh.ts';
import { Terminal } from './terminal.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

export async function printCompletion(shell: keyof typeof SCRIPTS, program: Command): Promise<void> {
  await new Terminal().print(SCRIPTS[shell](completionWords(program)));
}
