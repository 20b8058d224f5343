/** Small operators that a test writes down as they stand, in either language. */
import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { ROOT } from '../project/root.ts';
import { PYTHON, PYTHON_ENV, type Subject } from './subjects.ts';

const RUN_LIMIT_MS = 15_000;

export interface Ran {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** `code` may use `operator`. */
export function javascript(code: string): Subject {
  const door = pathToFileURL(join(ROOT, 'dist/src/operator.js')).href;
  return { name: 'JavaScript', argv: [process.execPath, '--input-type=module', '-e', `import { operator } from '${door}';\n${code}`] };
}

/** `code` may use `rainstorm`. */
export function python(code: string): Subject {
  return { name: 'Python', argv: [PYTHON, '-c', `import rainstorm\n${code}`], env: PYTHON_ENV };
}

/** Runs the program as an ordinary filter. */
export async function run({ argv, env }: Subject, input: string | Buffer): Promise<Ran> {
  const [command = '', ...args] = argv;
  return await new Promise((resolve) => {
    const child = execFile(command, args, { encoding: 'buffer', timeout: RUN_LIMIT_MS, env: { ...process.env, ...env } }, (error, stdout, stderr) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, stdout, stderr: stderr.toString() });
    });
    // One that fails at once does not read, and then the pipe breaks.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
