/** `try` and its flags: those of `run`, so that the one becomes the other by a word, and some of its own. */
import type { Command } from 'commander';
import { positiveNumber, wholeNumber } from './flags.ts';
import { flagsOfRun } from './run-flags.ts';
import type { TryFlags } from './try.ts';

const DEFAULT_TUPLES = 10;

/** People look at them; whoever wants more wants a job. */
const MAX_TUPLES = 10_000;

/** Of the flags of `run`, those that say what the pipeline is. The others are taken, too, and change nothing. */
const PIPELINE_FLAGS: ReadonlySet<string> = new Set(['stages', 'stage', 'src', 'format', 'header', 'okExit', 'maxTuple', 'locale', 'lineBuffered']);

const EXAMPLES = `
Each stage is run once, in this terminal, on what the stage before has put out. Nothing is written: no destination, no logs.
Behind each tuple that a stage with a key gets stand that key and the task that would get it (2-1: of stage 2, the second).
Flags of run that say how a job runs (--dest, --workers …) change nothing here.

Examples:
  rainstorm try --stages 'filter=Stop,aggregate=7:3' --src in.csv
  rainstorm try -n 3 -s 'cut -d, -f3' -s 'sort | uniq -c @line:3' --src 'data/*.csv'
  cat words.txt | rainstorm try -s flatmap -s 'tr a-z A-Z'
`;

export function addTry(program: Command, setStatus: (status: number) => void): void {
  const command = program.command('try')
    .description('run a pipeline once on the first tuples, and show what comes out of each stage')
    .argument('[file]', 'a job in YAML; flags override it')
    .option('-n, --tuples <number>', 'how many tuples of the source', wholeNumber(1, MAX_TUPLES), DEFAULT_TUPLES)
    .option('--time-limit <seconds>', 'the longest that one stage may take (default: 10)', positiveNumber)
    .option('--json', 'as JSON', false)
    .addHelpText('after', EXAMPLES);
  const own = new Set(command.options.map((option) => option.long));
  for (const option of flagsOfRun()) {
    if (!own.has(option.long)) command.addOption(PIPELINE_FLAGS.has(option.attributeName()) ? option : option.hideHelp());
  }
  command.action(async (file: string | undefined, options: TryFlags) => {
    setStatus(await (await import('./try.ts')).tryJob(file, options));
  });
}
