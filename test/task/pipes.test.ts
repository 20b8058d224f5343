import { closeSync, readFileSync, readSync, readdirSync, writeSync } from 'node:fs';
import { platform } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { closePipe, makePipes, type Pipe } from '../../src/task/pipes.ts';
import { keepPipesReady } from '../../src/task/ready-pipes.ts';
import { scratch } from '../connect/scratch.ts';
import { RunningOperator, chain, sh } from './run-operator.ts';

async function made(...uses: Parameters<typeof makePipes>[0]): Promise<Pipe[]> {
  const pipes = await makePipes(uses);
  onTestFinished(() => {
    for (const pipe of pipes) closePipe(pipe);
  });
  return pipes;
}

function read(pipe: Pipe): string {
  const buffer = Buffer.alloc(100);
  return buffer.toString('utf8', 0, readSync(pipe.readFd, buffer));
}

/** Whether reading or writing waits; Linux only. */
function waits(fd: number): boolean {
  return (Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1] ?? '', 8) & 0o4000) === 0;
}

/** The folder for temporary files, until the test ends. */
function inFolder(folder: string): void {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  onTestFinished(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
}

describe('pipes', () => {
  test('bring what is written, and end when the writer closes its end', async () => {
    const [pipe] = await makePipes(['between-operators']) as [Pipe];
    writeSync(pipe.writeFd, 'through');
    expect(read(pipe)).toBe('through');
    closeSync(pipe.writeFd);
    expect(read(pipe)).toBe('');
    closeSync(pipe.readFd);
  });

  test('are told apart, however many are asked for at once', async () => {
    const asked = await Promise.all(Array.from({ length: 80 }, () => makePipes(['to-operator', 'between-operators', 'from-operator', 'from-operator'])));
    const pipes = asked.flat();
    for (const [index, pipe] of pipes.entries()) writeSync(pipe.writeFd, String(index));
    expect(pipes.map(read)).toEqual(pipes.map((_, index) => String(index)));
    for (const pipe of pipes) closePipe(pipe);
  });

  test('leave nothing behind in the folder for temporary files', async () => {
    const folder = await scratch();
    inFolder(folder);
    await made('to-operator', 'from-operator');
    expect(readdirSync(folder)).toEqual([]);
    inFolder(`${folder}/not there`);
    await expect(makePipes(['to-operator'])).rejects.toMatchObject({ code: 'OPERATOR_FAILED', message: expect.stringContaining(`${folder}/not there`) });
  });

  test.runIf(platform() === 'linux')('wait at the operator\'s ends and not at ours', async () => {
    const [to, between, from] = await made('to-operator', 'between-operators', 'from-operator') as [Pipe, Pipe, Pipe];
    expect([waits(to.writeFd), waits(to.readFd)]).toEqual([false, true]);
    expect([waits(between.writeFd), waits(between.readFd)]).toEqual([true, true]);
    expect([waits(from.writeFd), waits(from.readFd)]).toEqual([true, false]);
  });
});

describe.runIf(platform() === 'linux')('pipes that were made before they are needed', () => {
  test('are those that are asked for, and then others', async () => {
    await keepPipesReady();
    const folder = await scratch();
    inFolder(`${folder}/not there`);
    // Nothing can be made any more, so these were there.
    const [to, between, from] = await made('to-operator', 'between-operators', 'from-operator') as [Pipe, Pipe, Pipe];
    for (const [index, pipe] of [to, between, from].entries()) writeSync(pipe.writeFd, String(index));
    expect([to, between, from].map(read)).toEqual(['0', '1', '2']);
    expect([waits(to.writeFd), waits(to.readFd), waits(between.writeFd), waits(between.readFd), waits(from.writeFd), waits(from.readFd)])
      .toEqual([false, true, true, true, true, false]);
    const more = Array.from({ length: 60 }, () => 'to-operator' as const);
    await expect(makePipes(more)).rejects.toMatchObject({ code: 'OPERATOR_FAILED' });
    inFolder(folder);
    expect(await made(...more)).toHaveLength(60);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a program sees real pipes', () => {
  test.each([
    ['cat /dev/stdin', ['cat', '/dev/stdin'], 'a line\n', ''],
    ['tee /dev/stderr', ['tee', '/dev/stderr'], 'a line\n', 'a line\n'],
    ['a shell that opens its stdin again', sh('exec 3</dev/stdin; cat <&3'), 'a line\n', ''],
    ['a shell that opens its stdout again', sh('cat >/dev/stdout'), 'a line\n', ''],
    ['test -p', sh('test -p /dev/stdin && test -p /dev/stdout && test -p /dev/stderr && echo pipes'), 'pipes\n', ''],
  ])('%s', async (_, command, stdout, stderr) => {
    const running = await RunningOperator.start(chain(command));
    await running.feed(Buffer.from('a line\n'));
    running.process.endInput();
    expect(await running.exits).toMatchObject([{ status: 0 }]);
    expect([running.text, running.stderr]).toEqual([stdout, stderr]);
  });

  test('and a writer whose reader has gone dies of SIGPIPE', async () => {
    const running = await RunningOperator.start(chain(['yes']));
    await running.hears(() => running.stdout.length > 0);
    running.process.letGo();
    expect(await running.exits).toMatchObject([{ signal: 'SIGPIPE', status: undefined }]);
  });
});
