import { chmod, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCommand } from '../../src/task/find-command.ts';
import { scratch } from '../connect/scratch.ts';

const NOT_FOUND = expect.objectContaining({ code: 'COMMAND_NOT_FOUND', message: expect.stringMatching(/^stage 1 \(x\): /) }) as Error;

test('a command is found where its start will find it, and only if it can be started', async () => {
  const folder = await scratch({ 'bin/here': '#!/bin/sh\n', 'bin/plain': 'x', 'other/here': 'x', 'file': 'x' });
  await chmod(join(folder, 'bin/here'), 0o755);
  await mkdir(join(folder, 'bin/folder'));
  await symlink('loop', join(folder, 'bin/loop'));
  const env = { PATH: `${join(folder, 'file')}::${join(folder, 'other')}:${join(folder, 'bin')}` };
  const find = (command: string) => findCommand(command, folder, env, 'stage 1 (x)');
  for (const command of ['here', './bin/here', 'bin/here', join(folder, 'bin/here')]) expect(() => find(command)).not.toThrow();
  for (const command of ['there', 'plain', 'folder', './here', './bin/plain', './bin/folder', './bin/loop', './file/x', '']) expect(() => find(command), command).toThrow(NOT_FOUND);
  // Without a PATH there is nothing to find by name.
  expect(() => findCommand('sh', folder, {}, 'stage 1 (x)')).toThrow(NOT_FOUND);
});
