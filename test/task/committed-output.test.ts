/** Programs that print something else each time they are started, with real processes. */
import { describe, expect, test } from 'vitest';
import type { CheckpointEvery, Contract } from '../../src/job/contract.ts';
import { HELD_BYTES } from '../../src/task/committed-output.ts';
import { chain, sh } from './run-operator.ts';
import { OperatorRig, type OperatorRigOptions } from './task-rig.ts';

const AT_ONCE: CheckpointEvery = { kind: 'size', bytes: 1 };
const NEVER: CheckpointEvery = { kind: 'size', bytes: 2 ** 40 };

/** Its lines, each with the pid of who printed it: no other start prints the same. */
const MARKED = sh("exec awk -v pid=$$ '{ print $0 \",\" pid }'");

async function rigOf(command: readonly string[], checkpointEvery: CheckpointEvery, options: OperatorRigOptions & { contract?: Contract } = {}): Promise<OperatorRig> {
  const rig = await OperatorRig.make(chain(command), { journal: true, ...options, stage: { contract: options.contract ?? 'restart', checkpointEvery, release: 'committed' } });
  await rig.task.start();
  return rig;
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `${from + index}\n`).join('');
}

function withoutPids(text: string): string {
  return text.replaceAll(/,\d+$/gm, '');
}

describe('output that is held', () => {
  test('CO1: goes on only with a checkpoint that has it', async () => {
    const rig = await rigOf(['cat'], NEVER);
    rig.producer.push(lines(0, 100));
    await rig.waiters.until(() => rig.producer.sender.idle);
    expect(rig.consumer.text).toBe('');
    rig.producer.sender.finish();
    await rig.over();
    expect(rig.consumer.text).toBe(lines(0, 100));
    expect((await rig.events()).filter((event) => event.startsWith('CHECKPOINT'))).toEqual([expect.stringMatching(/ out=0 stateBytes=0 heldBytes=290 /)]);
  });

  test('CO2: is that of one start each, though the program is killed again and again and prints something else each time', { timeout: 30_000 }, async () => {
    const rig = await rigOf(MARKED, AT_ONCE);
    for (let crash = 0; crash < 8; crash++) {
      rig.producer.push(lines(crash * 500, crash * 500 + 500));
      const wanted = lines(0, crash * 500 + 250).length;
      if (crash % 2 === 0) await rig.waiters.until(() => withoutPids(rig.consumer.text).length >= wanted);
      const { attempt } = rig.status;
      if (rig.task.killOperator()) await rig.waiters.until(() => rig.status.attempt > attempt && rig.status.groups.length > 0);
    }
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.failure, withoutPids(rig.consumer.text)]).toEqual([undefined, lines(0, 4000)]);
    expect(new Set(rig.consumer.text.match(/\d+$/gm)).size, 'different runs').toBeGreaterThan(1);
  });

  test('CO2: nor when the task begins anew elsewhere', async () => {
    const rig = await rigOf(MARKED, AT_ONCE);
    rig.producer.push(lines(0, 500));
    await rig.waiters.until(() => rig.consumer.text !== '');
    await rig.task.stop();
    const again = await rigOf(MARKED, AT_ONCE, { after: rig });
    again.producer.push(lines(500, 1000));
    again.producer.sender.finish();
    await again.over();
    expect([again.status.failure, withoutPids(again.consumer.text)]).toEqual([undefined, lines(0, 1000)]);
  });

  test('Z4: after its end is recorded the program is not started again', async () => {
    const rig = await rigOf(MARKED, NEVER, { stuck: true });
    rig.producer.push(lines(0, 10_000));
    rig.producer.sender.finish();
    // More than the consumer takes, so that the task is not done with it.
    await rig.waiters.until(() => rig.status.state === 'draining');
    await rig.task.stop();
    const again = await rigOf(MARKED, NEVER, { after: rig });
    rig.consumer.loosen();
    await again.over();
    expect([again.status.state, again.status.failure, withoutPids(again.consumer.text), again.consumer.ended]).toEqual(['finished', undefined, lines(0, 10_000), true]);
    expect((await again.events()).filter((event) => /^(START|RESTART)/.test(event))).toHaveLength(1);
  });

  test('T3: is recorded together with its end where the program has had enough', async () => {
    const rig = await rigOf(['head', '-n', '3'], NEVER, { contract: 'restart' });
    for (let from = 0; from < 200_000 && !rig.producer.stopped; from += 1000) {
      rig.producer.push(lines(from, from + 1000));
      if (rig.producer.sender.full) await rig.waiters.until(() => !rig.producer.sender.full || rig.producer.stopped);
    }
    await rig.over();
    expect([rig.status.state, rig.consumer.text, rig.consumer.ended]).toEqual(['finished', lines(0, 3), true]);
  });

  test('is state under the contract fold, and goes on at the end', async () => {
    const rig = await rigOf(sh("awk '{ sum += $1 } END { print sum }'"), AT_ONCE, { contract: 'fold' });
    for (let from = 0; from < 3000; from += 1000) {
      rig.producer.push(lines(from, from + 1000));
      await rig.waiters.until(() => rig.producer.sender.idle);
      if (rig.status.groups.length > 0) rig.task.killOperator();
    }
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.failure, rig.consumer.text]).toEqual([undefined, `${(2999 * 3000) / 2}\n`]);
  });

  test('has a checkpoint as soon as there is much of it, however seldom they are wanted', { timeout: 30_000 }, async () => {
    const width = 1 << 20;
    const rig = await rigOf(sh(`while read line; do head -c ${width - 1} /dev/zero | tr '\\0' x; echo; done`), NEVER, { maxTupleBytes: width });
    const least = HELD_BYTES / width;
    rig.producer.push(lines(0, least - 1));
    await rig.waiters.until(() => rig.producer.sender.idle);
    rig.producer.push(lines(0, 3));
    await rig.waiters.until(() => rig.consumer.bytes >= HELD_BYTES);
    expect(rig.status.state).toBe('running');
  });
});
