/** What a task does with the end of its input where successors go on from there, with real operators. */
import { describe, expect, test } from 'vitest';
import type { StagePlan } from '../../src/job/plan.ts';
import { divideState } from '../../src/kit/divide-state.ts';
import { operatorMembers } from '../../src/task/operator-command.ts';
import { OperatorRig } from './task-rig.ts';
import { chain, sh } from './run-operator.ts';
import { stagePlan } from './stage-plan.ts';

const KEYED = { partitioning: { kind: 'line' } } as const;

function operatorStage(operator: string, stage: Partial<StagePlan> = {}): Partial<StagePlan> {
  return { contract: 'snapshot', program: { kind: 'operators', operators: [{ operator, args: ['--format', 'lines', 'line'] }] }, ...stage };
}

async function rigOf(stage: Partial<StagePlan>): Promise<OperatorRig> {
  return await OperatorRig.make(operatorMembers(stagePlan(stage), false), { journal: true, stage });
}

/** Fed this, and then there are successors. */
async function superseded(rig: OperatorRig, input: string): Promise<OperatorRig> {
  await rig.task.start();
  if (input !== '') rig.producer.push(input);
  rig.producer.sender.finish(true);
  await rig.over();
  expect([rig.status.failure, rig.status.state, rig.consumer.ended]).toEqual([undefined, 'finished', true]);
  return rig;
}

/** The state of its last checkpoint; undefined where that is not behind all of its input. */
async function left(rig: OperatorRig): Promise<Buffer | undefined> {
  const checkpoint = (await rig.journal?.state())?.checkpoint;
  return checkpoint?.complete === true ? (await rig.journal?.contentsOf(checkpoint))?.state : undefined;
}

describe('Z5: where successors go on from its end', () => {
  test('an operator with a state per key prints nothing of it, and leaves it in the journal', async () => {
    const rig = await superseded(await rigOf(operatorStage('aggregate', KEYED)), 'a\nb\na\n');
    expect(rig.consumer.text).toBe('');
    const keys: string[] = [];
    divideState([await left(rig) as Buffer], (bytes, start, end) => keys.push(bytes.toString('utf8', start, end)) > 0);
    expect(keys.toSorted()).toEqual(['a', 'b']);
  });

  test('a fold leaves what it prints in the journal, and puts nothing out', async () => {
    const stage = { contract: 'fold' } as const;
    const rig = await superseded(await OperatorRig.make(chain(sh("awk '{ sum += $1 } END { print sum }'")), { journal: true, stage }), '1\n2\n3\n');
    expect([rig.consumer.text, (await left(rig))?.toString()]).toEqual(['', '6\n']);
  });

  test('a fold that was fed nothing leaves nothing', async () => {
    const stage = { contract: 'fold' } as const;
    const rig = await superseded(await OperatorRig.make(chain(sh("awk '{ sum += $1 } END { print sum }'")), { journal: true, stage }), '');
    expect([rig.consumer.text, (await left(rig))?.toString()]).toEqual(['', '']);
  });

  test('an operator that remembers nothing sees the end of its input', async () => {
    const stage = { contract: 'restart' } as const;
    const rig = await superseded(await OperatorRig.make(chain(sh("awk '{ print } END { print NR }'")), { journal: true, stage }), 'a\nb\n');
    expect(rig.consumer.text).toBe('a\nb\n2\n');
  });

  test('so does one of ours whose stage has no key: nobody would take its state', async () => {
    const rig = await superseded(await rigOf(operatorStage('count-part')), 'a\nb\na\n');
    expect(rig.consumer.text).toBe('a,2\nb,1\n');
  });

  test('T7: a task that stands still runs no operator, puts nothing out, and ends with its input in the journal', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { journal: true, stage: { contract: 'replay' } });
    await rig.task.start();
    rig.task.freeze(false);
    await rig.waiters.until(() => rig.status.frozen === true);
    rig.producer.push('a\nb\n');
    rig.producer.sender.finish(true);
    await rig.over();
    expect([rig.status.failure, rig.status.state, rig.consumer.text, rig.consumer.ended, rig.status.inTuples]).toEqual([undefined, 'finished', '', true, 2]);
  });

  test('T7: a task that has put something out cannot stand still, and goes on', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { journal: true, stage: { contract: 'replay' } });
    await rig.task.start();
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    rig.task.freeze(false);
    expect(rig.status.frozen).toBe(false);
    rig.producer.push('b\n');
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.state, rig.consumer.text]).toEqual(['finished', 'a\nb\n']);
  });

  test('T7: a task whose stage keeps its tasks goes on with all that has come meanwhile', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { journal: true, stage: { contract: 'replay' } });
    await rig.task.start();
    rig.task.freeze(false);
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.producer.sender.idle);
    await rig.task.thaw();
    rig.producer.push('b\n');
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.failure, rig.status.frozen, rig.status.state, rig.consumer.text]).toEqual([undefined, undefined, 'finished', 'a\nb\n']);
  });
});
