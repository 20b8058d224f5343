import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isSameProcessAlive } from '../../src/base/process-identity.ts';
import { describeExit, failureOf } from '../../src/task/exit-verdict.ts';
import { scratch } from '../connect/scratch.ts';
import { RunningOperator, chain, sh } from './run-operator.ts';

/** A member that says on stderr that it is there, so that a test knows when all are. */
function telling(command: string): readonly string[] {
  return sh(`echo up >&2; exec ${command}`);
}

function lines(count: number): Buffer {
  return Buffer.from(Array.from({ length: count }, (_, index) => `${index}\n`).join(''));
}

async function goneBy(pid: number): Promise<void> {
  await expect.poll(() => isSameProcessAlive(pid, undefined), { interval: 5, timeout: 5000 }).toBe(false);
}

describe('an operator', () => {
  test('gets its input and its end, and everything it printed is heard before its exit', async () => {
    const running = await RunningOperator.start(chain(['cat'], ['sort', '-rn'], ['head', '-n', '2']));
    await running.feed(lines(1000));
    running.process.endInput();
    expect(await running.exits).toMatchObject([{ command: 'cat', status: 0 }, { command: 'sort -rn', status: 0 }, { command: 'head -n 2', status: 0 }]);
    expect(running.text).toBe('999\n998\n');
    expect(running.heard).toEqual(['stdoutEnd', 'exited']);
  });

  test('has the environment and the folder that it is given and nothing else', async () => {
    const folder = await scratch();
    const running = await RunningOperator.start(chain(sh('pwd; env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=| sort')), { env: { PATH: '/usr/bin:/bin', GIVEN: 'x' }, cwd: folder });
    running.process.endInput();
    await running.exits;
    expect(running.text).toBe(`${folder}\nGIVEN=x\nLC_ALL=C\nPATH=/usr/bin:/bin\n`);
  });

  test('that cannot be started shows as an exit that says why, and ends the chain', async () => {
    const running = await RunningOperator.start(chain(['cat'], ['/not/there'], ['wc', '-l']));
    const exits = await running.exits;
    expect(exits[1]).toMatchObject({ command: '/not/there', status: undefined, spawnError: expect.stringContaining('ENOENT') });
    expect(failureOf(exits)?.command).toBe('/not/there');
    expect(exits.map(describeExit)).toEqual(['was killed with the others', expect.stringContaining('could not be started'), 'was killed with the others']);
    expect(running.text).toBe('');
  });

  test('takes as much as it likes at a time, and no more is held for it than a pipe and a chunk', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const chunks = 512;
    const running = await RunningOperator.start(chain(['cat']));
    running.process.pauseOutput();
    let written = 0;
    let taken = 0;
    const feeding = (async () => {
      for (; written < chunks; written++) await running.feed(chunk, () => (taken += 1));
      running.process.endInput();
    })();
    // The operator's own output is stuck, so it takes what two pipes and its buffer hold, however long it has.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    expect(written).toBeLessThanOrEqual(16);
    expect(written - taken).toBeLessThanOrEqual(2);
    running.process.resumeOutput();
    await feeding;
    await running.exits;
    expect(taken).toBe(chunks);
    expect(crc32(running.stdout)).toBe(crc32(Buffer.alloc(chunks * chunk.length, 'x')));
  });

  test('that closes its stdin is told once, and what is still written counts as taken', async () => {
    const running = await RunningOperator.start(chain(sh('exec <&-; echo closed; while ! test -e /proc/self/nothing; do echo more; done')));
    await running.hears(() => running.text.includes('closed'));
    let done = 0;
    for (let write = 0; write < 5; write++) running.process.write(lines(10), () => (done += 1));
    await running.hears(() => running.heard.includes('stdinClosed'));
    expect(running.process.write(lines(10), () => (done += 1))).toBe(true);
    expect(done).toBe(6);
    running.process.endInput();
    running.process.kill();
    await running.exits;
    expect(running.heard.filter((event) => event === 'stdinClosed')).toHaveLength(1);
  });

  test.each([
    ['alone', [] as string[][]],
    ['behind another', [['cat'], ['cat']]],
  ])('may open its stdin again when all of it is there already, and its end: %s', async (_, before) => {
    const folder = await scratch();
    const late = sh('while ! test -e go; do sleep 0.01; done; exec cat /dev/stdin /dev/stdin');
    const running = await RunningOperator.start(chain(...before, late), { cwd: folder });
    await running.feed(lines(3));
    running.process.endInput();
    for (const { pid } of running.process.groups.slice(0, -1)) await goneBy(pid);
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    await writeFile(join(folder, 'go'), '');
    expect((await running.exits).at(-1)?.status).toBe(0);
    expect(running.text).toBe('0\n1\n2\n');
  });

  test('that nobody listens to any more sees what it would see in a shell', async () => {
    const running = await RunningOperator.start(chain(['yes'], ['cat']));
    await running.hears(() => running.stdout.length > 0);
    running.process.letGo();
    expect((await running.exits).at(-1)).toMatchObject({ signal: 'SIGPIPE' });
    expect(running.process.killed).toBe(false);
  });

  test('E4: gets rid of its stderr while its output is stuck', async () => {
    const running = await RunningOperator.start(chain(sh('yes stdout | head -c 1000000 & yes stderr | head -c 1000000 >&2; wait')));
    running.process.pauseOutput();
    await running.hears(() => running.stderr.length === 1_000_000);
    running.process.resumeOutput();
    await running.exits;
    expect(running.stdout.length).toBe(1_000_000);
  });
});

describe('the control protocol of an operator', () => {
  test('goes over descriptors 3 and 4, which its environment tells it of', async () => {
    const running = await RunningOperator.start(chain(sh('echo "$RAINSTORM_CONTROL" >&4; head -n 2 <&3 >&4; cat')), { control: true });
    let written = false;
    running.process.writeControl(Buffer.from('to\nit\n'), () => (written = true));
    await running.hears(() => running.control === '1\nto\nit\n');
    expect([written, running.process.controlWritten]).toEqual([true, true]);
    await running.feed(lines(1));
    running.process.endInput();
    await running.exits;
    expect(running.text).toBe('0\n');
  });

  test('is not offered unless asked for, and may be left aside', async () => {
    const without = await RunningOperator.start(chain(sh('echo "${RAINSTORM_CONTROL-none}"; test -e /dev/fd/3 || echo closed')));
    await without.exits;
    expect(without.text).toBe('none\nclosed\n');
    const aside = await RunningOperator.start(chain(sh('exec 3<&- 4>&-; echo up; cat')), { control: true });
    await aside.hears(() => aside.text === 'up\n');
    await new Promise<void>((resolve) => aside.process.writeControl(Buffer.alloc(1 << 20), resolve));
    aside.process.endInput();
    expect((await aside.exits)[0]?.status).toBe(0);
  });
});

test('E4: one that is killed while nobody reads its output is gone all the same', async () => {
  const running = await RunningOperator.start(chain(['yes']));
  running.process.pauseOutput();
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  running.process.kill();
  expect((await running.exits)[0]).toMatchObject({ signal: 'SIGKILL' });
});

test.runIf(platform() === 'linux')('operators leave no descriptor open here, however they end', async () => {
  const run = async () => {
    const done = await RunningOperator.start(chain(['cat'], ['cat']));
    await done.feed(lines(10));
    done.process.endInput();
    await done.exits;
    const failed = await RunningOperator.start(chain(['cat'], ['/not/there']));
    await failed.exits;
    const killed = await RunningOperator.start(chain(['cat'], ['sort']));
    killed.process.kill();
    await killed.exits;
    const controlled = await RunningOperator.start(chain(sh('cat <&3 >&4')), { control: true });
    controlled.process.writeControl(lines(10), () => undefined);
    await controlled.hears(() => controlled.control.endsWith('9\n'));
    controlled.process.kill();
    await controlled.exits;
    const letGo = await RunningOperator.start(chain(['yes'], ['cat']));
    await letGo.hears(() => letGo.stdout.length > 0);
    letGo.process.letGo();
    await letGo.exits;
  };
  await run();
  await setImmediate();
  const open = readdirSync('/proc/self/fd').length;
  for (let round = 0; round < 5; round++) await run();
  await expect.poll(() => readdirSync('/proc/self/fd').length, { interval: 5 }).toBeLessThanOrEqual(open);
});

describe('E1, E2: in a chain of which one process is killed', () => {
  const commands = ['cat', 'sort', 'wc -l'];

  test.each(commands.map((command, index) => [command, index] as const))('%s: those behind it never see an end of input', async (command, index) => {
    for (let round = 0; round < 10; round++) {
      const running = await RunningOperator.start(chain(...commands.map(telling)));
      await running.feed(lines(5000));
      await running.hears(() => running.stderr === 'up\nup\nup\n');
      process.kill(running.process.groups[index]?.pid ?? 0, 'SIGKILL');
      const exits = await running.exits;
      // Named is the one that was killed first, not those that were killed for it.
      expect(failureOf(exits)).toMatchObject({ signal: 'SIGKILL', command: expect.stringContaining(command) });
      expect(exits.map((exit) => exit.status)).toEqual([undefined, undefined, undefined]);
      expect(running.text, `round ${round}`).toBe('');
    }
  });

  test('or fails, the same', async () => {
    const running = await RunningOperator.start(chain(sh('head -n 3; exit 3'), ['sort'], ['wc', '-l']));
    await running.feed(lines(5000));
    const exits = await running.exits;
    expect(exits.map((exit) => exit.status ?? exit.signal)).toEqual([3, 'SIGKILL', 'SIGKILL']);
    expect(running.text).toBe('');
    const last = await RunningOperator.start(chain(['cat'], ['sort'], sh('head -n 1; exit 4')));
    await last.feed(lines(5000));
    last.process.endInput();
    expect(failureOf(await last.exits)).toMatchObject({ status: 4 });
  });

  test('an allowed status is no failure, nor is SIGPIPE in any place but the last', async () => {
    const members = chain(['yes'], ['head', '-n', '1'], sh('cat; exit 5'));
    const running = await RunningOperator.start(members.map((member, index) => (index === 2 ? { ...member, okStatuses: [0, 5] } : member)));
    const exits = await running.exits;
    expect(exits.map((exit) => exit.status ?? exit.signal)).toEqual(['SIGPIPE', 0, 5]);
    expect(failureOf(exits)).toBeUndefined();
    expect(running.text).toBe('y\n');
  });
});

describe('E3: what a process has started is killed with it', () => {
  test('while it runs', async () => {
    const running = await RunningOperator.start(chain(['cat'], sh('sleep 1000 & echo $!; wait')));
    await running.hears(() => running.text.endsWith('\n'));
    running.process.kill();
    await running.exits;
    expect(running.process.killed).toBe(true);
    await goneBy(Number(running.text));
  });

  test('when it has exited and left that behind with its output', async () => {
    const running = await RunningOperator.start(chain(sh('sleep 1000 & echo $!')));
    await running.hears(() => running.text.endsWith('\n'));
    await goneBy(running.process.groups[0]?.pid ?? 0);
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    running.process.kill();
    await running.exits;
    await goneBy(Number(running.text));
  });

  test('when it has exited and left that behind without its output', async () => {
    const running = await RunningOperator.start(chain(sh('sleep 1000 >/dev/null 2>&1 & echo $!')));
    await running.exits;
    await goneBy(Number(running.text));
  });

  test('a signal that is not ours to end it with is no kill', async () => {
    const running = await RunningOperator.start(chain(sh('trap "echo caught; exit 0" USR1; echo up; while :; do sleep 0.01; done')));
    await running.hears(() => running.text.includes('up'));
    running.process.signal('SIGUSR1');
    await running.exits;
    expect([running.text, running.process.killed]).toEqual(['up\ncaught\n', false]);
  });

  test('and no stranger who has the pid of one that is gone', async () => {
    const running = await RunningOperator.start(chain(['true'], ['cat']));
    await goneBy(running.process.groups[0]?.pid ?? 0);
    running.process.kill();
    expect((await running.exits).map((exit) => exit.status ?? exit.signal)).toEqual([0, expect.anything()]);
  });
});
