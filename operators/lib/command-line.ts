import { parseArgs } from 'node:util';
import { RainstormError, messageOf } from '../../src/base/errors.ts';
import { listOperators } from '../../src/job/operator-catalog.ts';
import type { Format } from '../../src/job/stage-spec.ts';

export interface CommandLine {
  readonly format: Format;
  /** The first record is a header: it is no tuple, and columns may be named. */
  readonly header: boolean;
  readonly argument: string | undefined;
  readonly help: boolean;
}

/** Reads an operator's own command line, without the program's name. Throws USAGE. */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args);
  const { format } = values;
  if (format !== 'csv' && format !== 'lines') {
    throw new RainstormError('USAGE', `--format ${format} is neither csv nor lines`);
  }
  if (positionals.length > 1) {
    throw new RainstormError('USAGE', `one argument is taken, not ${positionals.length}: ${positionals.join(' ')}`, {
      hint: 'An argument with spaces is put in quotes; an argument that begins with a dash comes behind --.',
    });
  }
  return { format, header: values.header, argument: positionals[0], help: values.help };
}

export function usageOf(name: string): string {
  const operator = listOperators().find((candidate) => candidate.name === name);
  const argument = { none: '', optional: ' [ARGUMENT]', required: ' ARGUMENT' }[operator?.argument ?? 'none'];
  return `usage: ${name} [--format csv|lines] [--header]${argument}

${operator?.summary ?? ''}
As a stage of a job: ${operator?.example ?? name}

Reads standard input, writes standard output.
  --format csv   a tuple is a CSV record, which may hold newlines in quotes (default: lines)
  --header       the first record names the columns
  --             what follows is the argument, even if it begins with a dash
`;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        format: { type: 'string', default: 'lines' },
        header: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new RainstormError('USAGE', messageOf(error), { cause: error });
  }
}
