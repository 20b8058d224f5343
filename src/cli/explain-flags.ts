/** `explain` and its flags: those of `run` for a job that is to be, `--job` for one that there is. */
import type { Command } from 'commander';
import { looking, ofJob, type LookOptions } from './flags.ts';
import type { JobFlags } from '../launch/job-spec.ts';
import { flagsOfRun, said } from './run-flags.ts';

/** Flags of `run` that say how it is run and told, not what the job is. They are taken, and change nothing. */
const OTHER_FLAGS: ReadonlySet<string> = new Set(['chaos', 'chaosSeed', 'resume', 'leader', 'tokenFile', 'ui', 'quiet', 'keepJobs', 'keepBytes', 'workers', 'overwrite']);

const EXAMPLES = `
Without a job of its own it says what limits the one that runs, and the figures that this follows from.

Examples:
  rainstorm explain --stages 'filter=Stop,aggregate=7:3' --src in.csv --dest out
  rainstorm explain configs/word-count.yaml --src book.txt
  rainstorm explain
`;

export function addExplain(program: Command): void {
  const command = ofJob(looking(program.command('explain'), 'say how a job would run, without running it; or what limits the one that runs'))
    .argument('[file]', 'a job in YAML; flags override it')
    .addHelpText('after', EXAMPLES);
  const own = new Set(command.options.map(({ long }) => long));
  for (const option of flagsOfRun()) {
    if (!own.has(option.long)) command.addOption(OTHER_FLAGS.has(option.attributeName()) ? option.hideHelp() : option);
  }
  command.action(async (file: string | undefined, options: JobFlags & LookOptions) => {
    await (await import('./explain.ts')).explain(file, said(command, options));
  });
}
