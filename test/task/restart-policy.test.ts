import { describe, expect, test } from 'vitest';
import { CrashRecord } from '../../src/task/crash-record.ts';
import type { MemberExit } from '../../src/task/exit-verdict.ts';
import { decideRestart } from '../../src/task/restart-policy.ts';
import { chain } from './run-operator.ts';
import { OperatorRig } from './task-rig.ts';

const STATUS_3: MemberExit = { command: 'x', status: 3, signal: undefined, spawnError: undefined, okStatuses: [0] };
const SIGKILL: MemberExit = { ...STATUS_3, status: undefined, signal: 'SIGKILL' };

/** How often an operator that always ends like this is started again. */
function restarts(exit: MemberExit, inputBytes: (attempt: number) => number, checkpoint: (attempt: number) => number = () => 0, maxRestarts?: number): number {
  const crashes = new CrashRecord(maxRestarts);
  for (let attempt = 1; attempt <= 100; attempt++) {
    if (crashes.crashed(exit, { inputBytes: inputBytes(attempt), checkpoint: checkpoint(attempt) }).kind === 'give-up') return attempt - 1;
  }
  return 100;
}

describe('T5: an operator that crashed', () => {
  test('is started again at once, then more and more slowly', () => {
    const delays = [1, 2, 3].map((withoutProgress) => decideRestart({ withoutProgress, bySigkill: false }));
    expect(delays).toEqual([{ kind: 'restart', afterMs: 0 }, { kind: 'restart', afterMs: 50 }, { kind: 'restart', afterMs: 100 }]);
    expect(decideRestart({ withoutProgress: 20, bySigkill: true })).toEqual({ kind: 'restart', afterMs: 2_000 });
  });

  test('is given up after three restarts that got it no further; killed from outside, after twenty', () => {
    expect(restarts(STATUS_3, () => 1_000)).toBe(3);
    expect(restarts(SIGKILL, () => 1_000)).toBe(20);
  });

  test('is never given up while each attempt gets further', () => {
    expect(restarts(STATUS_3, (attempt) => attempt * 1_000_000)).toBe(100);
  });

  test('nor while each makes a checkpoint, however little it is fed', () => {
    expect(restarts(STATUS_3, () => 10, (attempt) => attempt)).toBe(100);
    expect(restarts(STATUS_3, () => 10, () => 7)).toBe(3);
  });

  test('is started again as often as its stage says, whatever it dies of; with 0 not even after progress', () => {
    for (const exit of [STATUS_3, SIGKILL]) expect(restarts(exit, () => 1_000, () => 0, 7)).toBe(7);
    expect(restarts(STATUS_3, (attempt) => attempt * 1_000_000, () => 0, 0)).toBe(0);
    expect(restarts(STATUS_3, (attempt) => attempt * 1_000_000, () => 0, 1)).toBe(100);
  });

  test('fails its task at the first crash where the stage says that it is never started again', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { journal: true, stage: { maxRestarts: 0 } });
    await rig.task.start();
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    rig.task.killOperator();
    await rig.over();
    expect(rig.status).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'OPERATOR_FAILED', message: expect.stringContaining('died of SIGKILL') } });
  });

  test('is not started again when it cannot be started', () => {
    expect(restarts({ ...STATUS_3, status: undefined, spawnError: 'EACCES' }, () => 0)).toBe(0);
  });
});
