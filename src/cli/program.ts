/** Every command and flag, and what --help says of them. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import description from '../../package.json' with { type: 'json' };
import { MAX_TASKS_PER_STAGE, MAX_WORKERS } from '../base/limits.ts';
import { CONTRACTS } from '../check/contracts.ts';
import { DEFAULT_KEEP, type KeepLimits } from '../leader/keep-limits.ts';
import { parseByteSize } from '../job/byte-size.ts';
import { AUTOSCALE_CHOICES } from './autoscale-flags.ts';
import { reportError } from './print-error.ts';
import type { CheckOptions } from './check.ts';
import type { RunOptions } from './run-options.ts';

const DEFAULT_DATA_DIR = '.rainstorm';
const EXIT_USAGE = 2;

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

/** Runs the command line and sets the exit status. */
export async function main(argv: readonly string[]): Promise<void> {
  const setStatus = (status: number) => {
    process.exitCode = status;
  };
  const words = argv.slice(2);
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

function makeProgram(setStatus: (status: number) => void): Command {
  const program = new Command('rainstorm')
    .description('Exactly-once stream processing for ordinary programs.')
    .version(description.version)
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .configureHelp({ showGlobalOptions: true });
  addRun(program, setStatus);
  addCluster(program, setStatus);
  addLooking(program);
  addUpkeep(program, setStatus);
  return program;
}

function addRun(program: Command, setStatus: (status: number) => void): void {
  const run = program.command('run')
    .description('run a pipeline of stages over a source')
    .argument('[file]', 'a job in YAML; flags override it')
    .option('--stages <stages>', 'the stages, separated by commas')
    .option('-s, --stage <stage>', 'one stage: an operator, or any command (repeatable)', collect)
    .option('--src <paths...>', 'files, globs, folders, or - for stdin (the default when something is piped in)')
    .option('--dest <path>', 'a file, a folder/ for one part file per task, or - for stdout (the default)')
    .addOption(new Option('--format <format>', 'what a tuple is; by default csv for files that end in .csv').choices(['csv', 'lines']))
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
    .addOption(new Option('--log-tuples <which>', 'output tuples written to the task logs').choices(['first', 'all', 'off']))
    .addOption(new Option('--delivery <kind>', 'best-effort keeps no journal: whatever dies fails the job').choices(['exactly-once', 'best-effort']))
    .addOption(new Option('--durability <kind>', 'what journals survive: every process dying, or the host as well (default: process)').choices(['process', 'host']))
    .option('--store <dir:path>', 'where journals are kept (default: in the data folder)')
    .option('--store-limit <size>', 'what journals may take (default: 64GiB)')
    .option('--chaos <what>', 'kill tasks and workers while the job runs, as in tasks:2s,workers:10s, to see that the result is the same')
    .option('--chaos-seed <number>', 'when and whom chaos kills (default: another each time)', wholeNumber(0, 2 ** 32 - 1))
    .option('--resume <job>', 'go on with a job whose command or machine went away, from its journals')
    .option('--leader <url>', 'send the job to this leader instead of starting one')
    .option('--token-file <file>', 'file with the leader\'s token (or RAINSTORM_TOKEN)')
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

function addCluster(program: Command, setStatus: (status: number) => void): void {
  const leader = program.command('leader')
    .description('start a leader that takes jobs from run --leader URL')
    .option('--listen <address>', 'HOST:PORT to listen on (default: 127.0.0.1, any free port)')
    .option('--token-file <file>', 'file with the token that everybody must give (or RAINSTORM_TOKEN; default: a new one)')
    .option('--resume', 'take over the jobs of the leader that died in this folder');
  addDataDir(leader);
  addKeep(leader);
  leader.action(async (options: KeepFlags & { dataDir: string }) => {
    const command = await import('./leader-command.ts');
    setStatus(await command.leaderCommand({ ...options, keep: keepFrom(options) }));
  });
  const worker = program.command('worker')
    .description('start a worker that hosts tasks for a leader')
    .option('--leader <url>', 'the leader (default: the one started in this folder)')
    .option('--name <name>', 'this worker\'s name, unique among the leader\'s workers')
    .option('--listen <address>', 'HOST:PORT for control (default: 127.0.0.1, any free port)')
    .option('--data-listen <address>', 'HOST:PORT for tuples (default: the same host, any free port)')
    .option('--advertise <host>', 'the host under which others reach this worker')
    .option('--advertise-data <address>', 'HOST:PORT where others connect for tuples, if it is another')
    .option('--token-file <file>', 'file with the leader\'s token (or RAINSTORM_TOKEN)');
  addDataDir(worker);
  addKeep(worker);
  worker.action(async (options: { dataDir: string } & KeepFlags) => {
    const command = await import('./worker-command.ts');
    setStatus(await command.workerCommand({ ...options, keep: keepFrom(options) }));
  });
}

interface LookOptions {
  readonly dataDir: string;
  readonly job?: string;
  readonly json: boolean;
}

function addLooking(program: Command): void {
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

function addUpkeep(program: Command, setStatus: (status: number) => void): void {
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
  addCheck(program, setStatus);
  program.command('demo')
    .description('run a pipeline on made-up rows and compare the result with that of a plain pipe')
    .argument('[number]', '0: identity; 1: filter and count; 2: the same while operators and workers are killed; 3: filter and transform with autoscaling', wholeNumber(0, 3), 2)
    .option('--seconds <number>', 'about how long (default: 15; 3 has a length of its own)', wholeNumber(3, 3_600))
    .option('--chaos-seed <number>', 'when and whom chaos kills (default: another each time)', wholeNumber(0, 2 ** 32 - 1))
    .action(async (which: number, options: { seconds?: number; chaosSeed?: number }) => {
      setStatus(await (await import('./demo.ts')).demo({ which, ...options }));
    });
  program.command('generate')
    .description('write rows of made-up CSV, the same for the same seed')
    .requiredOption('--rows <number>', 'how many', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--seed <number>', 'which rows', wholeNumber(0, 2 ** 32 - 1), 1)
    .option('--out <file>', 'where to (default: stdout)')
    .action(async (options: { rows: number; seed: number; out?: string }) => {
      await (await import('./generate.ts')).generate(options);
    });
}

function addCheck(program: Command, setStatus: (status: number) => void): void {
  program.command('check')
    .description('try a command out: is it deterministic, stateless, foldable, and which contract can its stage declare')
    .argument('<stage>', 'an operator or a command, as --stage takes it')
    .option('--sample <file>', 'what it is tried on (default: made-up words, rows and numbers)')
    .addOption(new Option('--contract <contract>', 'exit with 1 unless this one holds (default: replay)').choices(CONTRACTS))
    .addOption(new Option('--format <format>', 'what a tuple is; by default csv for a sample that ends in .csv').choices(['csv', 'lines']))
    .option('--header', 'the first row of the sample is a header, no tuple')
    .option('--ok-exit <statuses>', 'exit statuses that are no failure, as in 0,1')
    .option('--locale <locale>', 'LC_ALL of the command (default: C)')
    .option('--line-buffered', 'start the command under stdbuf -oL')
    .option('--time-limit <seconds>', 'the longest that one run may take (default: 10)', positiveNumber)
    .option('--json', 'as JSON', false)
    .action(async (stage: string, options: CheckOptions) => {
      setStatus(await (await import('./check.ts')).check(stage, options));
    });
}

function looking(command: Command, description: string): Command {
  addDataDir(command);
  return command.description(description).option('--json', 'as JSON', false);
}

function ofJob(command: Command): Command {
  return command.option('--job <job>', 'which job, where several live');
}

/** Commander has true for every --no-x that was not given; here only what was said counts, so that a job file can decide. */
function said<Options extends object>(command: Command, options: Options): Options {
  const isDefault = (name: string) => NEGATABLE.has(name) && command.getOptionValueSource(name) !== 'cli';
  return Object.fromEntries(Object.entries(options).filter(([name]) => !isDefault(name))) as Options;
}

function addDataDir(command: Command): void {
  command.option('--data-dir <folder>', 'where logs are kept', DEFAULT_DATA_DIR);
}

interface KeepFlags {
  readonly keepJobs?: number;
  readonly keepBytes?: number;
}

function addKeep(command: Command): void {
  command
    .option('--keep-jobs <number>', `ended jobs whose logs are kept (default: ${DEFAULT_KEEP.jobs})`, wholeNumber(0, 1_000_000))
    .option('--keep-bytes <size>', 'and how much of them (default: 1GiB)', parseByteSizeFlag);
}

function keepFrom(flags: KeepFlags): KeepLimits {
  return { jobs: flags.keepJobs ?? DEFAULT_KEEP.jobs, bytes: flags.keepBytes ?? DEFAULT_KEEP.bytes };
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

function parseByteSizeFlag(text: string): number {
  return parseByteSize(text);
}
