import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RainstormError } from '../../src/base/errors.ts';
import { processStartTime } from '../../src/base/process-identity.ts';
import { lockDestination, type DestinationLock } from '../../src/connect/destination-lock.ts';
import { failureOf, scratch } from './scratch.ts';

const CONTENDER = fileURLToPath(new URL('lock-contender.ts', import.meta.url));
const LOCK = '.out.rainstorm-lock';

function lock(folder: string, job: string, kind: 'file' | 'folder' = 'file'): Promise<DestinationLock> {
  return lockDestination({ kind, path: join(folder, 'out'), written: 'out' }, job);
}

/** A record of this process's pid and another start time: a process that died and whose pid was given away. */
function deadRecord(nonce: string): string {
  return JSON.stringify({ job: 'dead', pid: process.pid, startedAt: 'long ago', host: hostname(), nonce });
}

class Contender {
  readonly child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(path: string, job: string) {
    this.child = spawn(process.execPath, [CONTENDER, path, job], { stdio: ['pipe', 'pipe', 'inherit'] });
    const { stdout } = this.child;
    if (stdout === null) throw new Error('no stdout');
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  async tell(command: 'take' | 'release'): Promise<string> {
    this.child.stdin?.write(`${command}\n`);
    const { value, done } = await this.#answers.next();
    return done === true ? 'died' : value;
  }

  async die(): Promise<void> {
    this.child.stdin?.write('die\n');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}

describe('a destination’s lock', () => {
  test('is held by one job, told by name and pid, and free again after release', async () => {
    const folder = await scratch();
    const first = await lock(folder, 'wordcount-1');
    expect(JSON.parse(await readFile(join(folder, LOCK), 'utf8'))).toMatchObject({
      job: 'wordcount-1',
      pid: process.pid,
      startedAt: processStartTime(process.pid),
    });
    for (const kind of ['file', 'folder'] as const) {
      const failure = await failureOf(() => lock(folder, 'other', kind));
      expect(failure.code).toBe('DESTINATION_BUSY');
      expect(failure.message).toContain(`job wordcount-1 (pid ${process.pid} on ${hostname()})`);
    }
    await first.release();
    await first.release();
    expect(await readdir(folder)).toEqual([]);
    await (await lock(folder, 'next')).release();
  });

  test('is one for all ways to name the folder', async () => {
    const folder = await scratch();
    await mkdir(join(folder, 'real'));
    await symlink(join(folder, 'real'), join(folder, 'alias'));
    const held = await lock(join(folder, 'real'), 'one');
    expect(await failureOf(() => lock(join(folder, 'alias'), 'two'))).toMatchObject({ code: 'DESTINATION_BUSY' });
    await held.release();
  });

  test('of a dead process is taken over, also when others died taking it over', async () => {
    const folder = await scratch({ [LOCK]: deadRecord('a1') });
    await (await lock(folder, 'one')).release();
    expect(await readdir(folder)).toEqual([]);
    await writeFile(join(folder, LOCK), deadRecord('a1'));
    await writeFile(join(folder, `${LOCK}.after-a1`), deadRecord('a2'));
    await writeFile(join(folder, `${LOCK}.after-a2`), deadRecord('a3'));
    const held = await lock(folder, 'two');
    expect(await readdir(folder)).toEqual([LOCK]);
    await held.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a live process that is just taking over a dead one’s is respected', async () => {
    const live = JSON.stringify({ job: 'live', pid: process.pid, startedAt: processStartTime(process.pid), host: hostname(), nonce: 'b2' });
    const folder = await scratch({ [LOCK]: deadRecord('b1'), [`${LOCK}.after-b1`]: live });
    const failure = await failureOf(() => lock(folder, 'late'));
    expect(failure.message).toContain('job live');
    expect((await readdir(folder)).sort()).toEqual([LOCK, `${LOCK}.after-b1`]);
  });

  test('of another machine, or one that cannot be read, is respected with a word on how to remove it', async () => {
    const folder = await scratch({ [LOCK]: deadRecord('c1').replace(hostname(), 'elsewhere') });
    expect((await failureOf(() => lock(folder, 'x'))).message).toContain('on elsewhere');
    await writeFile(join(folder, LOCK), '');
    const failure = await failureOf(() => lock(folder, 'x'));
    expect(failure.code).toBe('DESTINATION_BUSY');
    expect(failure.hint).toContain(`remove ${join(folder, LOCK)}`);
  });

  test('that a later job made is not removed by a release', async () => {
    const folder = await scratch();
    const first = await lock(folder, 'first');
    await rm(join(folder, LOCK));
    const second = await lock(folder, 'second');
    await first.release();
    expect(await readdir(folder)).toEqual([LOCK]);
    await second.release();
  });

  test('is not taken for stdout and devices', async () => {
    await (await lockDestination({ kind: 'stdout' }, 'x')).release();
    await (await lockDestination({ kind: 'device', path: '/dev/null', written: '/dev/null' }, 'x')).release();
  });

  test('cannot be written into a missing folder', async () => {
    const folder = await scratch();
    expect(await failureOf(() => lock(join(folder, 'no'), 'x'))).toMatchObject({ code: 'DESTINATION' });
  });
});

describe('a race', () => {
  test('for a stale lock has one winner, however the steps interleave', async () => {
    const folder = await scratch();
    for (let round = 0; round < 60; round++) {
      const stale = round % 3;
      if (stale > 0) await writeFile(join(folder, LOCK), deadRecord(`${round}a`));
      if (stale > 1) await writeFile(join(folder, `${LOCK}.after-${round}a`), deadRecord(`${round}b`));
      const tries = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => lock(folder, `job-${i}`)));
      const winners = tries.filter((result) => result.status === 'fulfilled');
      for (const result of tries) {
        if (result.status === 'rejected') expect((result.reason as RainstormError).code).toBe('DESTINATION_BUSY');
      }
      expect(winners).toHaveLength(1);
      expect(await readdir(folder)).toEqual([LOCK]);
      await winners[0]?.value.release();
    }
  });

  test('between processes has one winner, each time', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    const path = join(folder, 'out');
    const contenders = Array.from({ length: 4 }, (_, i) => new Contender(path, `job-${i}`));
    for (let round = 0; round < 40; round++) {
      if (round % 2 === 0) await writeFile(join(folder, LOCK), deadRecord(`${round}a`));
      const answers = await Promise.all(contenders.map((contender) => contender.tell('take')));
      expect(answers.toSorted(), `round ${round}`).toEqual(['DESTINATION_BUSY', 'DESTINATION_BUSY', 'DESTINATION_BUSY', 'won']);
      expect(await contenders[answers.indexOf('won')]?.tell('release')).toBe('released');
    }
    expect(await readdir(folder)).toEqual([]);
  });

  test('goes on when each winner dies holding the lock', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    let contenders = Array.from({ length: 5 }, (_, i) => new Contender(join(folder, 'out'), `job-${i}`));
    while (contenders.length > 0) {
      const answers = await Promise.all(contenders.map((contender) => contender.tell('take')));
      expect(answers.filter((answer) => answer === 'won')).toHaveLength(1);
      expect(answers.filter((answer) => answer !== 'won' && answer !== 'DESTINATION_BUSY')).toEqual([]);
      const winner = contenders[answers.indexOf('won')];
      await winner?.die();
      contenders = contenders.filter((contender) => contender !== winner);
    }
    expect(await readdir(folder)).toEqual([LOCK]);
    await (await lock(folder, 'last')).release();
    expect(await readdir(folder)).toEqual([]);
  });
});
