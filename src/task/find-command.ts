import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { RainstormError, errnoOf } from '../base/errors.ts';

/** Throws COMMAND_NOT_FOUND unless `command` can be started: a path from `cwd`, or a name found along `env.PATH`. */
export function findCommand(command: string, cwd: string, env: Readonly<Record<string, string>>, where: string): void {
  if (command.includes('/')) {
    const path = isAbsolute(command) ? command : resolve(cwd, command);
    if (isExecutable(path)) return;
    throw new RainstormError('COMMAND_NOT_FOUND', `${where}: ${command} is not there or not executable (looked in ${cwd})`, {
      hint: 'Check the path, and that the file is executable (chmod +x).',
    });
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  if (folders.some((folder) => isExecutable(join(folder, command)))) return;
  throw new RainstormError('COMMAND_NOT_FOUND', `${where}: command not found: ${command}`, {
    hint: 'It must be on the PATH of the workers. A program in this folder is written ./name.',
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR', 'ELOOP'].includes(errnoOf(error) ?? '')) return false;
    throw error;
  }
}
