/** The four contracts with real processes: what they print is that of one undisturbed process, and the journal stays short. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { CheckpointEvery, Contract } from '../../src/job/contract.ts';
import type { Member } from '../../src/task/operator-command.ts';
import { chain, sh } from './run-operator.ts';
import { OperatorRig, type OperatorRigOptions } from './task-rig.ts';

const COUNT = ['python3', join(import.meta.dirname, 'fixtures/running-count.py')];

/** As soon as anything is new. */
const AT_ONCE: CheckpointEvery = { kind: 'size', bytes: 1 };
const NEVER: CheckpointEvery = { kind: 'size', bytes: 1 << 30 };

const SUM = sh("awk -F, '{ sum[$1] += $2 } END { for (key in sum) print key \",\" sum[key] }' | sort");

async function rigOf(contract: Contract, members: readonly Member[], checkpointEvery: CheckpointEvery = AT_ONCE, options: OperatorRigOptions = {}): Promise<OperatorRig> {
  const rig = await OperatorRig.make(members, { journal: true, ...options, stage: { contract, checkpointEvery } });
  await rig.task.start();
  return rig;
}

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `k${(from + index) % 7},${from + index}\n`).join('');
}

/** As the counting fixture prints them. */
function counted(text: string): string {
  const counts = new Map<string, number>();
  return text.split('\n').slice(0, -1).map((line) => {
    counts.set(line, (counts.get(line) ?? 0) + 1);
    return `${line},${counts.get(line)}\n`;
  }).join('');
}

/** The log changes with what the rig waits for, but is a file: looked at anew each time. */
async function hasLogged(rig: OperatorRig, word: string, times: number): Promise<void> {
  await expect.poll(async () => (await rig.events()).filter((event) => event.startsWith(word)).length, { interval: 5, timeout: 10_000 }).toBeGreaterThanOrEqual(times);
}

/** A copy that was just about to exit may be no loss. */
async function killUntilRestarted(rig: OperatorRig): Promise<void> {
  const before = rig.status.attempt;
  const restarted = () => {
    if (rig.status.attempt === before) rig.task.killOperator();
    return rig.status.attempt > before && rig.status.groups.length > 0;
  };
  await expect.poll(restarted, { interval: 5, timeout: 10_000 }).toBe(true);
}

/** Feeds rounds of lines; after each a checkpoint is made, and the operator killed with what came behind it. */
async function feedAndKill(rig: OperatorRig, rounds: number): Promise<string> {
  let input = '';
  const push = (text: string) => {
    input += text;
    rig.producer.push(text);
  };
  for (let round = 0; round < rounds; round++) {
    push(lines(round * 200, round * 200 + 100));
    await hasLogged(rig, 'CHECKPOINT', round + 1);
    push(lines(round * 200 + 100, round * 200 + 200));
    await killUntilRestarted(rig);
  }
  rig.producer.sender.finish();
  await rig.over();
  return input;
}

const SHORT_REPLAY = /^REPLAY attempt=\d+ positions=[1-9]\d*\.\.\d+ tuples=\d{1,3} ms=\d+$/;

describe('A3, T5: an operator of contract restart', () => {
  test('is cut again and again, and begins behind the last checkpoint when it is killed', async () => {
    const rig = await rigOf('restart', chain(['tr', 'a-z', 'A-Z'], ['sed', 's/$/!/']));
    const input = await feedAndKill(rig, 4);
    expect(rig.status).toMatchObject({ state: 'finished', attempt: 5, inTuples: 800, outTuples: 800 });
    expect(rig.consumer.text).toBe(input.toUpperCase().replaceAll('\n', '!\n'));
    const events = await rig.events();
    expect(events.filter((event) => event.startsWith('RESTART')).every((event) => /attempt=\d from=[1-9]/.test(event))).toBe(true);
    expect(events.filter((event) => event.startsWith('REPLAY')).filter((event) => !SHORT_REPLAY.test(event))).toEqual([]);
    expect(events.find((event) => event.startsWith('CHECKPOINT'))).toMatch(/^CHECKPOINT contract=restart after=\d+ out=\d+ stateBytes=0 journalBytes=\d+\.\.\d+ ms=\d+$/);
  });

  test('prints what it would hold back, since every copy sees an end', async () => {
    const rig = await rigOf('restart', chain(['grep', 'k']), { kind: 'time', ms: 20 });
    rig.producer.push('k1\nx\nk2\n');
    await rig.waiters.until(() => rig.consumer.text === 'k1\nk2\n');
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.state, rig.consumer.text]).toEqual(['finished', 'k1\nk2\n']);
  });

  test('may end each copy with a status that is allowed at the end of input', async () => {
    const rig = await rigOf('restart', [{ shown: 'grep x', argv: ['grep', 'x'], okStatuses: [0, 1] }]);
    for (const [index, text] of ['a\n', 'x\n', 'b\n'].entries()) {
      rig.producer.push(text);
      await hasLogged(rig, 'CHECKPOINT', index + 1);
    }
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.state, rig.status.attempt, rig.consumer.text]).toEqual(['finished', 1, 'x\n']);
  });

  test('A5: counts a copy that was fed nothing only where it is the only one', async () => {
    const none = await OperatorRig.run(chain(['wc', '-l']), [], { journal: true, stage: { contract: 'restart', checkpointEvery: AT_ONCE } });
    expect(none.consumer.text.trim()).toBe('0');
    const rig = await rigOf('restart', chain(['wc', '-l']));
    rig.producer.push('a\nb\n');
    await hasLogged(rig, 'CHECKPOINT', 1);
    await killUntilRestarted(rig);
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.state, rig.consumer.text.trim()]).toEqual(['finished', '2']);
  });

  test('T3: that has had enough has finished for good', async () => {
    const rig = await rigOf('restart', chain(['head', '-n', '2']), NEVER);
    rig.producer.push('a\nb\nc\n');
    await rig.over();
    expect([rig.status.state, rig.consumer.text, rig.producer.stopped]).toEqual(['finished', 'a\nb\n', true]);
  });

  test('A7: whose next copy fails is a failed attempt', async () => {
    const rig = await rigOf('restart', chain(sh('cat; test -e marker && exit 3; touch marker')));
    rig.producer.push('a\n');
    await hasLogged(rig, 'CHECKPOINT', 1);
    rig.producer.push('b\n');
    rig.producer.sender.finish();
    await rig.over();
    expect(rig.status).toMatchObject({ state: 'failed', failure: { code: 'OPERATOR_FAILED', message: expect.stringContaining('exited with status 3') } });
    expect(rig.consumer.ended).toBe(false);
  });
});

describe('A6, T5: an operator of contract fold', () => {
  test('prints once, at the real end, however often it was cut and killed', async () => {
    const rig = await rigOf('fold', chain(SUM));
    const input = await feedAndKill(rig, 4);
    const sums = new Map<string, number>();
    for (const line of input.split('\n').slice(0, -1)) {
      const [key = '', value] = line.split(',');
      sums.set(key, (sums.get(key) ?? 0) + Number(value));
    }
    expect(rig.consumer.text).toBe([...sums].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => `${key},${sum}\n`).join(''));
    expect(rig.status).toMatchObject({ state: 'finished', attempt: 5, inTuples: 800, outTuples: sums.size });
    expect((await rig.events()).filter((event) => event.startsWith('CHECKPOINT')).every((event) => / out=0 stateBytes=[1-9]/.test(event))).toBe(true);
  });

  test('that prints before its end keeps that, and nothing is lost of it', async () => {
    const rig = await rigOf('fold', chain(['cat']), NEVER);
    const text = lines(0, 50_000);
    for (const part of text.match(/(?:.*\n){1000}/g) ?? []) {
      rig.producer.push(part);
      await rig.waiters.until(() => !rig.producer.sender.full);
    }
    expect(rig.consumer.bytes).toBe(0);
    rig.producer.sender.finish();
    await rig.over();
    expect(rig.consumer.text === text).toBe(true);
  });

  test('whose state is no whole tuples fails', async () => {
    const rig = await OperatorRig.make(chain(sh('cat >/dev/null; printf \'a,"b\'')), { journal: true, stage: { contract: 'fold', checkpointEvery: AT_ONCE, outputFormat: 'csv' } });
    await rig.task.start();
    rig.producer.push('a\n');
    await rig.over();
    expect(rig.status).toMatchObject({ state: 'failed', failure: { code: 'UNCLOSED_QUOTE' } });
  });
});

describe('an operator of contract snapshot', () => {
  test('T5: goes on from its state when it is killed', async () => {
    const rig = await rigOf('snapshot', chain(COUNT));
    const input = await feedAndKill(rig, 4);
    expect(rig.consumer.text).toBe(counted(input));
    expect(rig.status).toMatchObject({ state: 'finished', attempt: 5, inTuples: 800, outTuples: 800 });
    const events = await rig.events();
    expect(events.filter((event) => event.startsWith('REPLAY')).filter((event) => !SHORT_REPLAY.test(event))).toEqual([]);
  });

  test('may answer only when its input has ended', async () => {
    const rig = await rigOf('snapshot', chain([...COUNT, '--late']));
    rig.producer.push('a\na\n');
    await rig.waiters.until(() => rig.producer.sender.idle);
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.state, rig.consumer.text]).toEqual(['finished', 'a,1\na,2\n']);
  });

  test('P2: that does not speak is an ordinary one', async () => {
    const rig = await rigOf('snapshot', chain(['cat']));
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    rig.task.killOperator();
    rig.producer.push('b\n');
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.status.state, rig.consumer.text]).toEqual(['finished', 'a\nb\n']);
    expect((await rig.events()).filter((event) => event.startsWith('CHECKPOINT'))).toEqual([]);
  });

  test.each([
    ['that says something else', sh('echo hello >&4; cat'), 'makes no sense: "hello"'],
    ['whose state lies within a tuple', sh('echo rainstorm-operator 1 >&4; head -n 1 <&3 >/dev/null; read a; printf within; printf "state 1 6 1\\nx" >&4; cat'), 'within a tuple'],
    ['that printed more than it says', sh('echo rainstorm-operator 1 >&4; head -n 1 <&3 >/dev/null; read a; printf "a\\nb\\n"; printf "state 1 2 1\\nx" >&4; cat'), 'less than the 4 that it has printed'],
  ])('P3, U3: %s fails the job', async (_, command, message) => {
    const rig = await rigOf('snapshot', chain(command));
    rig.producer.push('a\n');
    await rig.over();
    expect(rig.status).toMatchObject({ state: 'failed', attempt: 1, failure: { code: 'OPERATOR_FAILED', message: expect.stringContaining(message) } });
  });
});

describe('X4: a task that begins anew elsewhere goes on from its last checkpoint under', () => {
  test.each([
    ['snapshot', COUNT, counted],
    ['restart', ['tr', 'a-z', 'A-Z'], (text: string) => text.toUpperCase()],
    ['fold', ['sort'], (text: string) => [...text.matchAll(/.*\n/g)].map(([line]) => line).toSorted().join('')],
  ] as const)('%s', async (contract, command, undisturbed) => {
    let rig = await rigOf(contract, chain(command));
    let input = '';
    for (let round = 0; round < 3; round++) {
      for (const from of [0, 100]) {
        const text = lines(round * 200 + from, round * 200 + from + 100);
        input += text;
        rig.producer.push(text);
        if (from === 0) await hasLogged(rig, `CHECKPOINT`, round + 1);
      }
      await rig.task.stop();
      rig = await rigOf(contract, chain(command), AT_ONCE, { after: rig });
    }
    rig.producer.sender.finish();
    await rig.over();
    expect(rig.status).toMatchObject({ state: 'finished', attempt: 4, inTuples: 600 });
    expect(rig.consumer.text).toBe(undisturbed(input));
    const begun = (await rig.events()).filter((event) => event.startsWith('RESTART'));
    expect(begun.filter((event) => !/from=[1-9]/.test(event))).toEqual([]);
  });
});

describe('X2: the journal of a long job stays short under', () => {
  const SEGMENT_BYTES = 128 * 1024;
  const LIMIT_BYTES = 6 * SEGMENT_BYTES;
  const TOTAL_BYTES = 8 * 1024 * 1024;

  test.each([
    ['snapshot', COUNT], ['restart', ['tr', 'a-z', 'A-Z']], ['fold', SUM],
  ] as const)('%s', { timeout: 60_000 }, async (contract, command) => {
    const rig = await rigOf(contract, chain(command), { kind: 'size', bytes: SEGMENT_BYTES }, { segmentBytes: SEGMENT_BYTES });
    const part = lines(0, 5_000);
    for (let sent = 0; sent < TOTAL_BYTES; sent += part.length) {
      rig.producer.push(part);
      // How fast it is cut is up to the disk; without checkpoints it would only grow.
      await expect.poll(() => rig.producer.sender.idle && (rig.journal?.bytes ?? 0) < LIMIT_BYTES, { interval: 1, timeout: 10_000 }).toBe(true);
    }
    rig.producer.sender.finish();
    await rig.over();
    expect(rig.status.state).toBe('finished');
  });
});
