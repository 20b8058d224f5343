/** The command line: which command is meant, and the exit status. */
import { Command, CommanderError } from 'commander';
import description from '../../package.json' with { type: 'json' };
import { DEFAULT_KEEP } from '../leader/keep-limits.ts';
import { addCluster } from './cluster-flags.ts';
import { addCompletion } from './completion-flags.ts';
import { addDashboard } from './dashboard-flags.ts';
import { addExplain } from './explain-flags.ts';
import { DEFAULT_DATA_DIR } from './flags.ts';
import { printAndForget, surviveWithoutStderr } from './gone-reader.ts';
import { addExamples } from './help-examples.ts';
import { addLooking } from './looking-flags.ts';
import { reportError } from './print-error.ts';
import { addRun } from './run-flags.ts';
import { addTop } from './top-flags.ts';
import { addTrying } from './trying-flags.ts';
import { addUpkeep } from './upkeep-flags.ts';

const EXIT_USAGE = 2;

/** Runs the command line and sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  const setStatus = (status: number) => {
    process.exitCode = status;
  };
  const words = argv.slice(2);
  surviveWithoutStderr();
  try {
    // No command of ours begins with a digit: this is the number of stages.
    if (/^\d/.test(words[0] ?? '')) return setStatus(await runPositional(words));
    await makeProgram(setStatus).parseAsync([...argv]);
  } catch (error) {
    process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : EXIT_USAGE) : reportError(error);
  }
}

async function runPositional(words: readonly string[]): Promise<number> {
  const flags = (await import('./positional-run.ts')).parsePositionalRun(words);
  return await (await import('./run.ts')).run(undefined, { ...flags, dataDir: DEFAULT_DATA_DIR, keep: DEFAULT_KEEP });
}

/** All commands with their flags; nothing is read or done before one is parsed. */
export function makeProgram(setStatus: (status: number) => void): Command {
  const program = new Command('rainstorm')
    .description('Exactly-once stream processing for ordinary programs.')
    .version(description.version)
    .exitOverride()
    .configureOutput({ writeOut: printAndForget })
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ showGlobalOptions: true });
  addRun(program, setStatus);
  addCluster(program, setStatus);
  addLooking(program);
  addExplain(program);
  addDashboard(program);
  addTop(program, setStatus);
  addUpkeep(program);
  addTrying(program, setStatus);
  addCompletion(program);
  addExamples(program);
  return program;
}
