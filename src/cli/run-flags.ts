/** `run` and its flags. */
import { Command, Option } from 'commander';
import { MAX_WORKERS } from '../base/limits.ts';
import { AUTOSCALE_CHOICES } from '../launch/autoscale-flags.ts';
import { addDataDir, addKeep, collect, keepFrom, positiveNumber, wholeNumber, type KeepFlags } from './flags.ts';
import type { RunOptions } from './run-options.ts';

/** Options with a --no-x. */
const NEGATABLE: ReadonlySet<string> = new Set(['fuse', 'outputHeader']);

const RUN_EXAMPLES = `
Stages: NAME[=ARG][@KEY][:TASKS], separated by commas. Operators:
  identity                  every line as it came
  filter[=TEXT|=/re/]       tuples that contain it; without argument, lines that are not blank
  transform=COLUMNS         these CSV columns, in this order: 1-3, '1,4' or names
  replace=/re/text/         every match in the line, as sed does
  flatmap[=SEP|=/re/]       a line for each piece; by default for each word
  aggregate[=COL]           key,count for each key, at the end of input
  running-aggregate[=COL]   key,count after each tuple
  sum=KEY/VALUE             key,count,sum,min,max,mean for each key, at the end of input
  cmd='any command line'    any program that reads lines and writes lines

Examples:
  rainstorm run --stages 'filter=Stop,aggregate=7:3' --src in.csv --dest out
  rainstorm run -s 'grep Stop' -s 'cut -d, -f3' --src 'data/*.csv'
  cat words.txt | rainstorm run -s flatmap -s 'sort | uniq -c @line:3'
  rainstorm run configs/word-count.yaml --src book.txt
`;

export function addRun(program: Command, setStatus: (status: number) => void): void {
  const run = program.command('run')
    .description('run a pipeline of stages over a source')
    .argument('[file]', 'a job in YAML; flags override it')
    .option('--stages <stages>', 'the stages, separated by commas')
    .option('-s, --stage <stage>', 'one stage: an operator, or any command (repeatable)', collect)
    .option('--src <paths...>', 'files, globs, folders, or - for stdin (default: what is piped in)')
    .option('--dest <path>', 'a file, a folder/ for one part file per task, or - for stdout (default: -)')
    .addOption(new Option('--format <format>', 'what a tuple is (default: csv for files that end in .csv, else lines)').choices(['csv', 'lines']))
    .option('--header', 'the first row of each file is a header, no tuple')
    .option('--no-output-header', 'do not begin the output with a header')
    .option('--overwrite', 'replace an existing destination')
    .option('--rate <tuples>', 'read at most so many tuples per second, or so many from each time on, as in 100,20s:1000,40s:100')
    .addOption(new Option('--autoscale [how]', 'change the number of each stage\'s tasks while the job runs: by --lw and --hw, or by how busy tasks are; off: whatever the job file says').choices(AUTOSCALE_CHOICES))
    .option('--autoscale-dry-run', 'say while the job runs how many tasks each stage should have; nothing is changed')
    .option('--lw <tuples>', 'with --hw: a task that takes fewer tuples per second than this is one too many', positiveNumber)
    .option('--hw <tuples>', 'and one that takes more than this has too much to do', positiveNumber)
    .option('--workers <number>', 'worker processes, 1 to 256 (default: one per core that has a task)', wholeNumber(1, MAX_WORKERS))
    .option('--ok-exit <stage=statuses>', 'exit statuses of a stage that are no failure, as in 2=0,1 (repeatable)', collect)
    .option('--max-tuple <size>', 'the longest tuple allowed (default: 64MiB)')
    .option('--locale <locale>', 'LC_ALL of the operators (default: C)')
    .option('--line-buffered', 'start commands under stdbuf -oL, so that each line is seen at once')
    .option('--no-fuse', 'each stage has tasks of its own, also where neighbours could run as one')
    .addOption(new Option('--log-tuples <which>', 'output tuples written to the task logs; first: 10,000 (default: first)').choices(['first', 'all', 'off']))
    .addOption(new Option('--delivery <kind>', 'best-effort keeps no journal: whatever dies fails the job (default: exactly-once)').choices(['exactly-once', 'best-effort']))
    .addOption(new Option('--durability <kind>', 'what journals survive: every process dying, or the host as well (default: process)').choices(['process', 'host']))
    .option('--store <dir:path>', 'where journals are kept (default: in the data folder)')
    .option('--store-limit <size>', 'what journals may take (default: 64GiB)')
    .option('--chaos <what>', 'kill tasks and workers while the job runs, as in tasks:2s,workers:10s, to see that the result is the same')
    .option('--chaos-seed <number>', 'when and whom chaos kills (default: another each time)', wholeNumber(0, 2 ** 32 - 1))
    .option('--resume <job>', 'go on with a job whose command or machine went away, from its journals')
    .option('--leader <url>', 'send the job to this leader instead of starting one')
    .option('--token-file <file>', 'file with the leader\'s token (or RAINSTORM_TOKEN)')
    .option('--ui', 'print a link to the dashboard, open it, and keep it there until Enter')
    .option('--quiet', 'no progress and no summary')
    .option('--json', 'progress and summary as JSON lines on stderr')
    .addHelpText('after', RUN_EXAMPLES);
  addDataDir(run);
  addKeep(run);
  run.action(async (file: string | undefined, options: Omit<RunOptions, 'keep'> & KeepFlags) => {
    const command = await import('./run.ts');
    setStatus(await command.run(file, { ...said(run, options), keep: keepFrom(options) }));
  });
}

/** For commands that take the same. */
export function flagsOfRun(): readonly Option[] {
  const apart = new Command();
  addRun(apart, () => undefined);
  return apart.commands[0]?.options ?? [];
}

/** Commander has true for every --no-x that was not given; here only what was said counts, so that a job file can decide. */
export function said<Options extends object>(command: Command, options: Options): Options {
  const isDefault = (name: string) => NEGATABLE.has(name) && command.getOptionValueSource(name) !== 'cli';
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isDefault(name))) as Options;
}
