import { expect, test } from 'vitest';
import { runBash, scratch } from './cli.ts';

/** Descriptor 4 is a pipe that nobody reads any more. */
const GONE_READER = 'mkfifo gone; exec 3<>gone; exec 4>gone; exec 3<&-\n';

test.each(['run --help', '--help', '--version', 'help scale'])('%s whose reader has gone ends as SIGPIPE would end it, without a word', async (command) => {
  const { text, stderr } = await runBash(`${GONE_READER}rainstorm ${command} >&4; echo $?`, { cwd: await scratch() });
  expect(stderr).toBe('');
  expect(text).toBe('141\n');
});

test('run --help | head prints what head takes, and nothing else', async () => {
  const { text, stderr } = await runBash('rainstorm run --help | head -n 1', { cwd: await scratch() });
  expect(stderr).toBe('');
  expect(text).toBe('Usage: rainstorm run [options] [file]\n');
});

test('what cannot be printed for another reason is told', async () => {
  const { text, stderr } = await runBash('rainstorm run --help > /dev/full; echo $?', { cwd: await scratch() });
  expect(stderr).toMatch(/^rainstorm: cannot write stdout: .*no space/i);
  expect(text).toBe('1\n');
});

test('rows whose reader has gone are no failure', async () => {
  const { text, stderr } = await runBash(`${GONE_READER}rainstorm generate --rows 100000 >&4; echo $?`, { cwd: await scratch() });
  expect(stderr).toBe('');
  expect(text).toBe('0\n');
});

test('a mistake ends with its own status where nobody reads stderr', async () => {
  const { text } = await runBash(`${GONE_READER}rainstorm run --stages nothing-of-ours --src none 2>&4; echo $?; rainstorm run --nonsense 2>&4; echo $?`, { cwd: await scratch() });
  expect(text).toBe('2\n2\n');
});

test('a job goes on where nobody reads its progress any more', async () => {
  const cwd = await scratch({ 'in.txt': 'a\nb\n' });
  const { text } = await runBash(`${GONE_READER}rainstorm run -s cat --src in.txt --dest out 2>&4; echo $?; cat out`, { cwd });
  expect(text).toBe('0\na\nb\n');
});

test('a demo whose reader has gone does not begin', async () => {
  const { text, stderr } = await runBash(`${GONE_READER}rainstorm demo 0 --seconds 3 >&4; echo $?`, { cwd: await scratch() });
  expect(stderr).toBe('');
  expect(text).toBe('141\n');
});
