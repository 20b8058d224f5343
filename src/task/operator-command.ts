import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defaultStatuses } from '../job/default-statuses.ts';
import type { StagePlan } from '../job/plan.ts';
import type { OperatorCall } from '../job/program.ts';

/** One process of an operator: what to start and which exit statuses are no failure. */
export interface Member {
  /** As the user knows it, for messages. */
  readonly shown: string;
  readonly argv: readonly string[];
  readonly okStatuses: readonly number[];
}

/**
 * bash's pipefail counts a writer that died of SIGPIPE because its reader had enough. So where the last pipe's status is
 * that (141), it is read place by place: the rightmost other failure counts, and 141 only in the last place.
 */
const SHELL_EPILOGUE = `
__statuses=("$?" "\${PIPESTATUS[@]}")
if ((__statuses[0] == 141 && __statuses[-1] != 141)); then
  __statuses[0]=0
  for ((__i = \${#__statuses[@]} - 1; __i > 0 && __statuses[0] == 0; __i--)); do
    if ((__statuses[__i] != 141)); then __statuses[0]=\${__statuses[__i]}; fi
  done
fi
exit "\${__statuses[0]}"`;

/** The processes that a stage's operator consists of, in the order of the pipe. */
export function operatorMembers(stage: StagePlan, lineBuffered: boolean): Member[] {
  const { program } = stage;
  switch (program.kind) {
    case 'operators': {
      const shown = program.operators.map(({ operator, args }) => [operator, ...args].join(' ')).join(' | ');
      return [{ shown, argv: [process.execPath, ...operatorWords(program.operators)], okStatuses: allowed([0], stage) }];
    }
    case 'shell': {
      const argv = ['bash', '-o', 'pipefail', '-c', program.script + SHELL_EPILOGUE];
      return [{ shown: program.script, argv: buffered(argv, lineBuffered), okStatuses: allowed([0], stage) }];
    }
    case 'chain':
      return program.commands.map((argv) => ({
        shown: argv.join(' '),
        argv: buffered(argv, lineBuffered),
        okStatuses: allowed(defaultStatuses(argv), stage),
      }));
  }
}

/** The executable and its arguments: one operator's own, or the one that runs several. */
function operatorWords(calls: readonly OperatorCall[]): string[] {
  const [first] = calls;
  if (first !== undefined && calls.length === 1) return [operatorPath(first.operator), ...first.args];
  return [operatorPath('fused'), ...calls.map(({ operator, args }) => JSON.stringify([operator, ...args]))];
}

/** Our own operators lie beside the compiled sources, and run from the sources themselves where nothing is compiled. */
function operatorPath(name: string): string {
  const compiled = fileURLToPath(new URL(`../../operators/${name}.js`, import.meta.url));
  return existsSync(compiled) ? compiled : compiled.replace(/\.js$/, '.ts');
}

function allowed(byCustom: readonly number[], stage: StagePlan): number[] {
  return [...new Set([...byCustom, ...stage.okExit])];
}

function buffered(argv: readonly string[], lineBuffered: boolean): readonly string[] {
  return lineBuffered ? ['stdbuf', '-oL', ...argv] : argv;
}
