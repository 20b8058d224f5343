/**
 * A process that wants a destination's lock, told what to do by lines on stdin: `take`, `release`, `die`.
 * Arguments: the destination's path and the job's name. Answers one line each: `won`, `DESTINATION_BUSY`, `released`.
 * Between winning and answering it checks that nobody else is in the same place, and answers `violated` if so.
 */
import { unlink, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { RainstormError } from '../../src/base/errors.ts';
import { lockDestination, type DestinationLock } from '../../src/connect/destination-lock.ts';

const [path = '', job = ''] = process.argv.slice(2);
let lock: DestinationLock | undefined;

async function take(): Promise<string> {
  try {
    lock = await lockDestination({ kind: 'file', path, written: path }, job);
    await writeFile(`${path}.held`, job, { flag: 'wx' });
    return 'won';
  } catch (error) {
    if (error instanceof RainstormError) return error.code;
    return `violated ${String(error)}`;
  }
}

async function release(): Promise<string> {
  await unlink(`${path}.held`);
  await lock?.release();
  return 'released';
}

async function die(): Promise<string> {
  await unlink(`${path}.held`);
  process.kill(process.pid, 'SIGKILL');
  return await new Promise(() => undefined);
}

const commands: Readonly<Record<string, () => Promise<string>>> = { take, release, die };

for await (const line of createInterface({ input: process.stdin })) {
  const command = commands[line];
  if (command === undefined) throw new Error(`no command ${line}`);
  process.stdout.write(`${await command()}\n`);
}
