/** Real programs that die of certain tuples: those are left out, and the result is that of the others. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isSameProcessAlive } from '../../src/base/process-identity.ts';
import { chain, sh } from './run-operator.ts';
import { OperatorRig, type OperatorRigOptions } from './task-rig.ts';

const LINES = 400;

/** Prints each line with its number among those that it has seen, as Python does: in blocks, the last at its end. */
const PYTHON = ['python3', '-c', 'import sys\nfor number, line in enumerate(sys.stdin):\n    if line.startswith("bad"): sys.exit("cannot read " + line)\n    print(number, line, end="")'];
const AWK = ['awk', '/^bad/ { exit 3 } { print NR - 1 " " $0 }'];
/** It looks at each line as it comes. */
const UNBUFFERED = sh('while IFS= read -r line; do case $line in bad*) exit 3;; esac; echo "$line"; done');
/** As a broken program dies: at once, with all that it has not written yet. */
const SEGV = ['bash', '-c', 'number=0; while IFS= read -r line; do case $line in bad*) kill -SEGV $$;; esac; echo "$number $line"; number=$((number + 1)); done'];

const SUM = [['awk', '-F,', '/^bad/ { exit 3 } { sum[$1] += $2 } END { for (key in sum) print key "," sum[key] }'], ['sort']];

function lines(bad: Readonly<Record<number, string>>, count = LINES): string[] {
  return Array.from({ length: count }, (_, index) => bad[index] ?? `k${index % 5},${index}`);
}

function isGood(line: string): boolean {
  return !line.startsWith('bad');
}

function numbered(input: readonly string[]): string {
  return input.filter(isGood).map((line, index) => `${index} ${line}\n`).join('');
}

function text(input: readonly string[]): string {
  return input.map((line) => `${line}\n`).join('');
}

function deadletter(options: OperatorRigOptions = {}): OperatorRigOptions {
  return { journal: true, ...options, stage: { onPoison: 'deadletter', ...options.stage } };
}

/** In frames of some lines each. */
function frames(input: readonly string[], each = 50): string[] {
  return Array.from({ length: Math.ceil(input.length / each) }, (_, index) => text(input.slice(index * each, (index + 1) * each)));
}

describe.each([['awk that exits with status 3', AWK], ['a program that dies of SIGSEGV', SEGV]])('%s', (_, command) => {
  test.each([
    ['the first tuple', { 0: 'bad,first' }],
    ['one in the middle', { 199: 'bad,middle' }],
    ['the last tuple', { [LINES - 1]: 'bad,last' }],
    ['two', { 20: 'bad,one', 300: 'bad,two' }],
    ['two in a row', { 100: 'bad,one', 101: 'bad,two' }],
  ])('SK1, SK2: %s', { timeout: 60_000 }, async (__, bad) => {
    const input = lines(bad);
    const rig = await OperatorRig.run(chain(command), frames(input), deadletter());
    expect(rig.status).toMatchObject({ state: 'finished', skippedTuples: Object.keys(bad).length, inTuples: LINES });
    expect(rig.consumer.text).toBe(numbered(input));
    expect(await rig.deadLetters()).toBe(text(Object.values(bad)));
  });
});

test('so with one that prints in blocks, and dies in words', { timeout: 60_000 }, async () => {
  const input = lines({ 20: 'bad,one', 300: 'bad,two' });
  const rig = await OperatorRig.run(chain(PYTHON), frames(input), deadletter());
  expect([rig.status.failure, rig.consumer.text, await rig.deadLetters()]).toEqual([undefined, numbered(input), 'bad,one\nbad,two\n']);
});

test('each is told in the log: where it was, and how it begins', { timeout: 30_000 }, async () => {
  const rig = await OperatorRig.run(chain(AWK), frames(lines({ 75: 'bad\tone' })), deadletter());
  const [skip] = (await rig.events()).filter((event) => event.startsWith('SKIP'));
  expect(skip).toMatch(/^SKIP position=1 index=25 channel=1\.1\.0>2\.1\.0 number=75 bytes=8 trials=\d+ ms=\d+ tuple=bad\tone$/);
});

test('so is it where one process of a chain dies of it', { timeout: 30_000 }, async () => {
  const input = lines({ 5: 'bad', 250: 'bad again' });
  const rig = await OperatorRig.run(chain(['cat'], AWK, ['cat']), frames(input), deadletter());
  expect([rig.status.state, rig.consumer.text, await rig.deadLetters()]).toEqual(['finished', numbered(input), 'bad\nbad again\n']);
});

test('records of CSV are left out whole', { timeout: 30_000 }, async () => {
  const rig = await OperatorRig.make(chain(['awk', '/bad/ { exit 3 } { print }']), deadletter({ stage: { inputFormat: 'csv' } }));
  await rig.task.start();
  rig.producer.sender.push(Buffer.from('a,"x\ny"\nb,"bad\nrecord"\nc,1\n'), 3);
  rig.producer.sender.finish();
  await rig.over();
  expect([rig.status.state, rig.consumer.text, await rig.deadLetters()]).toEqual(['finished', 'a,"x\ny"\nc,1\n', 'b,"bad\nrecord"\n']);
});

describe('under a contract with checkpoints', () => {
  const EVERY = { kind: 'size', bytes: 1 } as const;

  /** So that checkpoints are made between the pieces. */
  async function fedSlowly(rig: OperatorRig, input: readonly string[]): Promise<void> {
    await rig.task.start();
    let seen = 0;
    for (const frame of frames(input, 100)) {
      rig.producer.sender.push(Buffer.from(frame, 'latin1'), 100);
      seen += 1;
      const wanted = seen;
      await expect.poll(async () => (await rig.events()).filter((event) => event.startsWith('CHECKPOINT')).length, { interval: 10, timeout: 20_000 }).toBeGreaterThanOrEqual(wanted);
    }
    rig.producer.sender.finish();
    await rig.over();
  }

  test('restart: a piece with such a tuple is run without it', { timeout: 60_000 }, async () => {
    const input = lines({ 150: 'bad one', 399: 'bad two' });
    const rig = await OperatorRig.make(chain(['awk', '/^bad/ { exit 3 } { print "<" $0 }']), deadletter({ stage: { contract: 'restart', checkpointEvery: EVERY } }));
    await fedSlowly(rig, input);
    expect([rig.status.failure, rig.consumer.text]).toEqual([undefined, input.filter(isGood).map((line) => `<${line}\n`).join('')]);
    expect(await rig.deadLetters()).toBe('bad one\nbad two\n');
  });

  test('fold: the state is fed first to each copy that tries', { timeout: 60_000 }, async () => {
    const input = lines({ 0: 'bad one', 230: 'bad two' });
    const rig = await OperatorRig.make(chain(...SUM), deadletter({ stage: { contract: 'fold', checkpointEvery: EVERY } }));
    await fedSlowly(rig, input);
    const sums = [0, 1, 2, 3, 4].map((key) => `k${key},${input.reduce((sum, line) => (line.startsWith(`k${key},`) ? sum + Number(line.split(',')[1]) : sum), 0)}\n`).join('');
    expect([rig.status.failure, rig.consumer.text, await rig.deadLetters()]).toEqual([undefined, sums, 'bad one\nbad two\n']);
  });

  test('snapshot: the copies that try begin with the state', { timeout: 60_000 }, async () => {
    // It reads UTF-8.
    const counter = ['python3', join(import.meta.dirname, 'fixtures/running-count.py')];
    const input = lines({ 120: 'bad \u00ff', 320: 'bad too \u00ff' }).map((line) => line.replace(/\d+$/, ''));
    const rig = await OperatorRig.make(chain(counter), deadletter({ stage: { contract: 'snapshot', checkpointEvery: EVERY } }));
    await fedSlowly(rig, input);
    const counts = new Map<string, number>();
    const counted = input.filter(isGood).map((line) => `${line},${counts.set(line, (counts.get(line) ?? 0) + 1).get(line)}\n`).join('');
    expect([rig.status.failure, rig.status.skippedTuples, rig.consumer.text]).toEqual([undefined, 2, counted]);
  });

  test('SK4, SK5: what was left out outlives its place in the journal, and the task\'s move to another worker', { timeout: 60_000 }, async () => {
    const stage = { contract: 'restart', checkpointEvery: EVERY } as const;
    const command = chain(['awk', '/^bad/ { exit 3 } { print "<" $0 }']);
    const options = deadletter({ stage, segmentBytes: 4096 });
    const first = await OperatorRig.make(command, options);
    await first.task.start();
    first.producer.push(text(lines({ 7: 'bad one' }, 50)));
    await first.waiters.until(() => first.status.skippedTuples === 1);
    await expect.poll(async () => (await first.events()).some((event) => event.startsWith('CHECKPOINT')), { interval: 10, timeout: 20_000 }).toBe(true);
    await first.task.stop();
    const second = await OperatorRig.make(command, { ...options, after: first });
    expect(second.status.skippedTuples).toBe(1);
    await second.task.start();
    second.producer.push(text(['good', 'bad two', 'fine']));
    second.producer.sender.finish();
    await second.over();
    expect([second.status.failure, second.status.skippedTuples, await second.deadLetters()]).toEqual([undefined, 2, 'bad one\nbad two\n']);
    expect(second.consumer.text).toBe([...lines({}, 50).filter((_, index) => index !== 7), 'good', 'fine'].map((line) => `<${line}\n`).join(''));
  });
});

describe('no tuple is left out, and the job fails with the reason,', () => {
  const none = (reason: RegExp) => ({ code: 'OPERATOR_FAILED', message: expect.stringMatching(new RegExp(`exited with status 3.*; no tuple is left out for it: .*${reason.source}`)) });

  test.each([
    ['where it dies at its start', sh('exit 3'), /without being fed anything/],
    ['where it dies at the end of its input only', ['awk', '{ seen = 1 } END { if (seen) exit 3 }'], /at the end of its input/],
    ['where it dies after so many tuples, whatever they are', ['awk', 'NR == 40 { exit 3 } { print }'], /whatever tuple comes in that place/],
    ['SK3: where consumers have what came of the tuple', ['awk', '/^bad/ { print "oh"; exit 3 } { print }'], /has output already that does not come of the tuples before it/],
  ])('%s', { timeout: 30_000 }, async (_, command, reason) => {
    const rig = await OperatorRig.run(chain(command), frames(lines({ 60: 'bad' })), deadletter());
    expect(rig.status).toMatchObject({ state: 'failed', skippedTuples: 0, failure: none(reason) });
  });

  test('where it does not die in a trial', { timeout: 30_000 }, async () => {
    const rig = await OperatorRig.run(chain(sh('echo >> starts; [ $(wc -l < starts) -gt 4 ] || exit 3; cat')), frames(lines({})), deadletter());
    expect(rig.status.failure).toMatchObject(none(/it does not die of the same 400 tuples in a trial/));
  });

  test('where the search takes too long', { timeout: 30_000 }, async () => {
    const rig = await OperatorRig.run(chain(sh('echo >> starts; [ $(wc -l < starts) -gt 4 ] || exit 3; sleep 1000')), frames(lines({})), deadletter({ searchMs: 100 }));
    expect(rig.status.failure).toMatchObject(none(/it was not found within 0.1 s/));
  });

  test('where too many were left out already', { timeout: 30_000 }, async () => {
    const first = await OperatorRig.make(chain(UNBUFFERED), deadletter());
    await first.journal?.append({ kind: 'frame', producer: 0, first: 0, count: 1, bytes: Buffer.from('bad\n') });
    await first.journal?.append({ kind: 'skip', skip: { position: 0, index: 0, order: 99, offsetBytes: 400, lengthBytes: 4 } });
    await first.task.stop();
    const rig = await OperatorRig.make(chain(UNBUFFERED), deadletter({ after: first }));
    expect(rig.status.skippedTuples).toBe(100);
    first.producer.sender.push(Buffer.from('bad\n'), 1);
    await rig.task.start();
    rig.producer.push(text(['good', 'bad']));
    await rig.over();
    expect(rig.status.failure).toMatchObject(none(/100 tuples were left out already/));
  });
});

test('SK4: a dead letter that was not written before the worker died is written by the next', { timeout: 30_000 }, async () => {
  const first = await OperatorRig.make(chain(UNBUFFERED), deadletter());
  await first.task.start();
  first.producer.push(text(['one', 'bad one', 'two', 'bad two', 'three']));
  await first.waiters.until(() => first.status.skippedTuples === 2);
  await first.task.stop();
  await rm(join(first.folder, 'deadletter'), { recursive: true });
  const second = await OperatorRig.make(chain(UNBUFFERED), deadletter({ after: first }));
  await second.task.start();
  second.producer.sender.finish();
  await second.over();
  expect([second.status.state, second.consumer.text, await second.deadLetters()]).toEqual(['finished', 'one\ntwo\nthree\n', 'bad one\nbad two\n']);
});

test('a task that is stopped in a search leaves no process', { timeout: 30_000 }, async () => {
  const rig = await OperatorRig.make(chain(sh('echo >> starts; [ $(wc -l < starts) -gt 4 ] || exit 3; sleep 1000')), deadletter());
  await rig.task.start();
  rig.producer.push('a\n');
  await expect.poll(async () => (await rig.events()).some((event) => event.startsWith('NOTE looking')) && rig.status.groups.length > 0, { interval: 5, timeout: 20_000 }).toBe(true);
  const [group] = rig.status.groups;
  expect(rig.task.killOperator()).toBe(false);
  await rig.task.stop();
  expect([rig.status.state, isSameProcessAlive(group?.pid ?? 0, undefined)]).toEqual(['stopped', false]);
});

test('a trial that is killed from outside is no crash', { timeout: 30_000 }, async () => {
  const rig = await OperatorRig.make(chain(sh('echo >> starts; case $(wc -l < starts) in 7|9) kill -KILL $$;; esac; exec awk "/^bad/ { exit 3 } { print }"')), deadletter());
  await rig.task.start();
  rig.producer.push(text(lines({ 60: 'bad' })));
  rig.producer.sender.finish();
  await rig.over();
  expect([rig.status.failure, await rig.deadLetters()]).toEqual([undefined, 'bad\n']);
});
