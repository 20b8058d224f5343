/** A folder that looks like a clone in which `npm install` was run, and a shell in it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Command } from './markdown.ts';
import { ROOT } from './root.ts';

const MAIN = 'dist/src/cli/main.js';

export async function makeClone(): Promise<string> {
  expect(existsSync(join(ROOT, MAIN)), 'the command is built: npm run build').toBe(true);
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-docs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const name of ['dist', 'examples', 'configs', 'docs', 'operators', 'node_modules', 'package.json', 'LICENSE', 'README.md']) {
    await symlink(join(ROOT, name), join(folder, name));
  }
  // As npx does, it finds the package's own command; but npx would first copy a link to this folder into its cache.
  const bin = join(folder, '.bin');
  await mkdir(bin);
  await symlink(join(ROOT, MAIN), join(bin, 'rainstorm'));
  await writeFile(join(bin, 'npx'), '#!/bin/sh\nexec "$@"\n');
  await chmod(join(bin, 'npx'), 0o755);
  return folder;
}

export interface Ran {
  readonly command: Command;
  /** Undefined when the shell did not get so far. */
  readonly status: number | undefined;
  /** stdout and stderr, as a terminal shows them. */
  readonly printed: string;
}

/** Types the commands into one bash, one after the other, whatever their statuses. All that they leave behind is killed. */
export async function typeInto(folder: string, commands: readonly Command[], limitMs: number): Promise<Ran[]> {
  const output = (index: number) => join(folder, '.bin', `output-${index}`);
  const script = commands.map(({ text }, index) => `exec > '${output(index)}' 2>&1\n${text}\necho $? > '${output(index)}.status'\n`).join('');
  const path = [join(folder, '.bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  // A group of its own, so that background commands can be ended with it.
  const shell = spawn('bash', ['-c', script], {
    cwd: folder, detached: true, stdio: 'ignore',
    env: { ...process.env, PATH: path, RAINSTORM_TOKEN: undefined, LC_ALL: 'C.UTF-8' },
  });
  const ended = Promise.withResolvers<void>();
  shell.once('close', ended.resolve);
  shell.once('error', ended.reject);
  const timer = setTimeout(() => killGroup(shell.pid), limitMs);
  await ended.promise;
  clearTimeout(timer);
  killGroup(shell.pid);
  return await Promise.all(commands.map(async (command, index) => {
    const status = await readIfThere(`${output(index)}.status`);
    return { command, status: status === undefined ? undefined : Number(status), printed: (await readIfThere(output(index))) ?? '' };
  }));
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // Nothing is left of it.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return existsSync(path) ? await readFile(path, 'utf8') : undefined;
}
