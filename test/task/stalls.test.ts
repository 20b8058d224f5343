/** Real operators that hang, are slow, are held back or frozen. */
import { access, rm, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../base/manual-clock.ts';
import { chain, sh } from './run-operator.ts';
import { OperatorRig, WINDOW_BYTES } from './task-rig.ts';

const STALL_MS = 60_000;

/** More than a pipe and the operator's own buffer hold. */
const LINES = 40_000;
const INPUT = Array.from({ length: LINES }, (_, index) => `line ${index}\n`);

async function rigOf(command: readonly string[], options: { onStall?: 'restart'; stuck?: boolean } = {}) {
  const { onStall, stuck = false } = options;
  const clock = new ManualClock();
  const rig = await OperatorRig.make(chain(command), { journal: true, clock, stuck, stage: { stallTimeoutMs: STALL_MS, onStall } });
  await rig.task.start();
  return { rig, clock };
}

/** Gives it input for as long as any is taken: then its pipes are full. Gives how many lines there were in all. */
async function fill(rig: OperatorRig, from = 0): Promise<number> {
  let at = from;
  for (let turns = 0, before = -1; turns < 300 && at < LINES; turns++) {
    if (rig.producer.sender.full) await new Promise(setImmediate);
    else rig.producer.push(INPUT.slice(at, (at += 500)).join(''));
    const now = rig.consumer.bytes + rig.producer.sender.acked;
    if (now !== before) turns = 0;
    before = now;
  }
  return at;
}

async function stalls(rig: OperatorRig): Promise<string[]> {
  return (await rig.events()).filter((event) => event.startsWith('STALLED'));
}

describe('an operator that hangs', () => {
  test('with input that it does not read is told once, shown, and left alone unless its stage says otherwise', async () => {
    const { rig, clock } = await rigOf(sh('read line; echo "$line"; while :; do sleep 1; done'));
    const at = await fill(rig);
    await rig.waiters.until(() => rig.consumer.text === INPUT[0]);
    await fill(rig, at);
    expect(rig.status.stalled).toBe(false);
    await clock.advance(3 * STALL_MS);
    expect(rig.status).toMatchObject({ state: 'running', stalled: true, attempt: 1 });
    expect(await stalls(rig)).toEqual([expect.stringMatching(/^STALLED attempt=1 ms=\d+ it has something to do, but neither reads nor prints$/)]);
  });

  test('at the end of its input', async () => {
    const { rig, clock } = await rigOf(sh('cat; while :; do sleep 1; done'));
    rig.producer.push('a\n');
    rig.producer.sender.finish();
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    await clock.advance(2 * STALL_MS);
    expect(rig.status.stalled).toBe(true);
  });

  test('and goes on by itself is no longer said to', async () => {
    const { rig, clock } = await rigOf(sh('cat; until [ -e go ]; do sleep 0.01; done; echo last'));
    rig.producer.push('a\n');
    rig.producer.sender.finish();
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    await clock.advance(2 * STALL_MS);
    expect(rig.status.stalled).toBe(true);
    await writeFile(`${rig.folder}/go`, '');
    await rig.over();
    expect([rig.status.stalled, rig.consumer.text]).toEqual([false, 'a\nlast\n']);
    expect(await rig.events()).toContain('NOTE the operator goes on');
  });

  test('each time it is started fails its job in the end, where it is to be started again', async () => {
    const { rig, clock } = await rigOf(sh('while :; do sleep 1; done'), { onStall: 'restart' });
    let at = await fill(rig);
    for (let attempt = 1; attempt <= 4; attempt++) {
      await rig.waiters.until(() => rig.status.attempt === attempt && rig.status.groups.length === 1);
      while (rig.status.attempt === attempt && rig.status.state === 'running') {
        at = await fill(rig, at);
        await clock.advance(STALL_MS / 10);
      }
    }
    await rig.over();
    expect(rig.status.failure).toMatchObject({ code: 'OPERATOR_FAILED', message: expect.stringMatching(/stood still for \d+ ms and was killed.*4 times without getting further$/) });
  });
});

test('an operator that is frozen is killed and started again where its stage says so, and the result is exact', async () => {
  const { rig, clock } = await rigOf(['cat'], { onStall: 'restart' });
  rig.producer.push(INPUT[0] as string);
  await rig.waiters.until(() => rig.consumer.text === INPUT[0]);
  process.kill(rig.status.groups[0]?.pid ?? 0, 'SIGSTOP');
  let at = await fill(rig, 1);
  while (rig.status.attempt === 1) {
    await clock.advance(STALL_MS / 10);
    at = await fill(rig, at);
  }
  while (at < LINES) at = await fill(rig, at);
  rig.producer.sender.finish();
  await rig.over();
  expect([rig.status.state, rig.status.attempt, rig.consumer.text === INPUT.slice(0, at).join('')]).toEqual(['finished', 2, true]);
  expect(await rig.events()).toContain('KILLED SIGKILL because it stands still');
});

describe('not taken for one that hangs is', () => {
  test('one that is slow: it takes a piece of what it was given now and then', async () => {
    // Four kilobytes for each line that it is told, out of what was given to it at once.
    const { rig, clock } = await rigOf(sh('while [ ! -e done ]; do if [ -e step ]; then rm step; head -c 4096 >/dev/null; touch took; fi; sleep 0.01; done; cat > /dev/null'), { onStall: 'restart' });
    let at = await fill(rig);
    for (let step = 0; step < 10; step++) {
      await clock.advance(0.6 * STALL_MS);
      await writeFile(`${rig.folder}/step`, '');
      await expect.poll(() => access(`${rig.folder}/took`).then(() => true, () => false), { interval: 5, timeout: 10_000 }).toBe(true);
      await rm(`${rig.folder}/took`);
      at = await fill(rig, at);
    }
    expect([await stalls(rig), rig.status.attempt]).toEqual([[], 1]);
    await clock.advance(3 * STALL_MS);
    expect(await stalls(rig), 'when it no longer does').toHaveLength(1);
  });

  test('one whose output nobody takes', async () => {
    const { rig, clock } = await rigOf(['cat'], { stuck: true, onStall: 'restart' });
    // Until the channel is full, and so what it prints is left in its pipe.
    const isHeldBack = () => INPUT.slice(0, rig.status.outTuples).join('').length - rig.consumer.bytes >= WINDOW_BYTES;
    for (let at = 0; !isHeldBack(); ) at = await fill(rig, at);
    expect(rig.consumer.bytes).toBeLessThanOrEqual(WINDOW_BYTES);
    await clock.advance(5 * STALL_MS);
    expect([await stalls(rig), rig.status.attempt, rig.status.stalled]).toEqual([[], 1, false]);
  });

  test('one that waits for input', async () => {
    const { rig, clock } = await rigOf(['cat'], { onStall: 'restart' });
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    await clock.advance(5 * STALL_MS);
    expect([await stalls(rig), rig.status.attempt]).toEqual([[], 1]);
  });
});
