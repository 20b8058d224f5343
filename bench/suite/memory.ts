/** What each process of a job had resident at most. */
import { basename } from 'node:path';
import { rounded, table } from './table.ts';

export interface Peak {
  readonly process: string;
  readonly bytes: number;
}

export interface Memory {
  /** Name of the case. */
  readonly name: string;
  /** The largest first. */
  readonly peaks: readonly Peak[];
}

/**
 * What a process is in a job, by its arguments: `run`, `worker w1`, `operator filter`, or the name of its program. Paths are
 * left out, since reports from different machines are held side by side.
 */
export function processName(argv: readonly string[]): string {
  const [program = '', ...rest] = argv;
  if (basename(program) !== 'node') return basename(program);
  const at = rest.findIndex((argument) => !argument.startsWith('-'));
  const [script = '', command = ''] = at === -1 ? [] : rest.slice(at);
  if (basename(script) !== 'main.js') return script === '' ? 'node' : `operator ${basename(script, '.js')}`;
  const named = rest.indexOf('--name');
  return command === 'worker' && named !== -1 ? `worker ${rest[named + 1] ?? ''}` : command;
}

export function memoryTable(memory: readonly Memory[]): string[] {
  const rows = memory.flatMap(({ name, peaks }) => peaks.map(({ process, bytes }) => [name, process, rounded(bytes / 2 ** 20, 1)]));
  return table(['case', 'process', 'MiB resident at most'], rows);
}
