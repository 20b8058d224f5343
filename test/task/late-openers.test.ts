import { expect, test } from 'vitest';
import { OperatorProcess, type OperatorProcessEvents } from '../../src/task/operator-process.ts';

/** Runs a command whose input ends before it can have opened anything, and gives what it printed. */
async function printed(commands: readonly (readonly string[])[], input: string): Promise<string> {
  const chunks: Buffer[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const nothing = () => undefined;
  const events: OperatorProcessEvents = {
    stdout: (chunk) => chunks.push(chunk), stdoutEnd: nothing, stderr: nothing, control: nothing, drain: nothing, stdinClosed: nothing, exited: () => resolve(),
  };
  const members = commands.map((argv) => ({ argv, shown: argv.join(' '), okStatuses: [0] }));
  const operator = await OperatorProcess.start({ members, env: { PATH: process.env['PATH'] ?? '' }, cwd: '/' }, events);
  if (input !== '') operator.write(Buffer.from(input), nothing);
  operator.endInput();
  await promise;
  return Buffer.concat(chunks).toString();
}

test.skipIf(process.platform !== 'linux')('a program that opens /dev/stdin after its input has ended sees the end, and what was there', async () => {
  const late = ['sh', '-c', 'sleep 0.3; cat /dev/stdin'];
  expect(await printed([late], '')).toBe('');
  expect(await printed([['cat', '/dev/stdin']], '')).toBe('');
  expect(await printed([['true'], late], '')).toBe('');
  // What is in the pipe when its last writer goes is lost to nobody who still holds its reading end.
  expect(await printed([late], 'a\n')).toBe('a\n');
  expect(await printed([['cat'], late], 'a\n')).toBe('a\n');
});
