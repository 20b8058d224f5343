/** The commands to try things out with, and their flags. */
import { type Command, Option } from 'commander';
import { CONTRACTS } from '../check/contracts.ts';
import type { CheckOptions } from './check.ts';
import { positiveNumber, wholeNumber } from './flags.ts';
import { addTry } from './try-flags.ts';

export function addTrying(program: Command, setStatus: (status: number) => void): void {
  addTry(program, setStatus);
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
