import { describe, expect, onTestFinished, test } from 'vitest';
import { isSameProcessAlive } from '../../src/base/process-identity.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { chain, sh } from './run-operator.ts';
import { OperatorRig, WINDOW_BYTES } from './task-rig.ts';

function lines(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `${from + index}\n`).join('');
}

describe('T1: an operator is fed', () => {
  test('what its producers sent, in the order of acceptance, and the end when all of them have ended', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { producers: 2 });
    await rig.task.start();
    rig.producers[0]?.push('a\nb\n');
    rig.producers[1]?.push('c\n');
    rig.producers[0]?.push('d\n');
    rig.producers[0]?.sender.finish();
    await rig.waiters.until(() => rig.consumer.text === 'a\nb\nc\nd\n');
    rig.producers[1]?.push('e\n');
    rig.producers[1]?.sender.finish();
    await rig.over();
    expect(rig.consumer.text).toBe('a\nb\nc\nd\ne\n');
    expect(rig.consumer.ended).toBe(true);
    expect(rig.producers.map(({ done }) => done)).toEqual([true, true]);
    expect(rig.states).toEqual(['running', 'draining', 'finished']);
    expect(rig.status).toMatchObject({ inTuples: 5, outTuples: 5, attempt: 1, groups: [], failure: undefined });
  });

  test('what came before it was started', async () => {
    const rig = await OperatorRig.make(chain(['cat']));
    rig.producer.push('early\n');
    rig.producer.sender.finish();
    await rig.task.start();
    await rig.over();
    expect(rig.consumer.text).toBe('early\n');
  });

  test('no faster than its consumers take its output', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { stuck: true });
    await rig.task.start();
    const chunk = lines(0, 1000);
    const pushed = () => rig.producer.sender.next / 1000;
    const produce = () => {
      while (!rig.producer.sender.full && pushed() < 2000) rig.producer.push(chunk);
    };
    // The producer goes on as long as it may: then windows, pipes and the operator's buffer are full.
    let turns = 0;
    for (let before = -1; turns < 300; before = pushed()) {
      produce();
      turns = before === pushed() ? turns + 1 : 0;
      await new Promise(setImmediate);
    }
    expect(pushed() * chunk.length).toBeLessThan(16 * WINDOW_BYTES);
    expect(rig.consumer.bytes).toBeLessThanOrEqual(2 * WINDOW_BYTES);
    rig.consumer.loosen();
    while (pushed() < 2000) {
      produce();
      await new Promise(setImmediate);
    }
    rig.producer.sender.finish();
    await rig.over();
    expect(rig.consumer.text === chunk.repeat(2000)).toBe(true);
  });
});

describe('T2: the end of its output', () => {
  test.each([
    ['a last line without newline counts', sh('cat; printf last'), 'a\nlast\n'],
    ['so does an output without any newline', ['printf', 'only'], 'only\n'],
    ['an operator that prints nothing has an end too', sh('cat >/dev/null'), ''],
    ['output of a process that the operator left behind counts', sh('cat; { sleep 0.05; echo late; } &'), 'a\nlate\n'],
  ])('%s', async (_, command, text) => {
    const rig = await OperatorRig.run(chain(command), ['a\n']);
    expect([rig.status.state, rig.consumer.text, rig.consumer.ended]).toEqual(['finished', text, true]);
  });

  test.each([
    ['a status that is not allowed', sh('cat; printf last; echo complaint >&2; exit 3'), { code: 'OPERATOR_FAILED', message: expect.stringContaining('exited with status 3'), hint: expect.stringContaining('--ok-exit 2=3'), stderr: ['complaint'] }],
    ['a signal', sh('cat; printf last; kill -SEGV $$'), { code: 'OPERATOR_FAILED', message: expect.stringContaining('died of SIGSEGV'), hint: undefined }],
    ['SIGPIPE in the last place', sh('cat; printf last; kill -PIPE $$'), { message: expect.stringContaining('died of SIGPIPE') }],
  ])('%s is a failure, behind which nothing comes', async (_, command, failure) => {
    const rig = await OperatorRig.run(chain(command), ['a\n']);
    expect(rig.status).toMatchObject({ state: 'failed', failure });
    expect([rig.consumer.text, rig.consumer.ended]).toEqual(['a\n', false]);
    expect(rig.status.failure?.message).toMatch(/^stage 2 \(tested\), task 2-0: `/);
  });

  test('the last ten lines of stderr go with the failure', async () => {
    const rig = await OperatorRig.run(chain(sh('seq 1 30 >&2; exit 1')), []);
    expect(rig.status.failure?.stderr).toEqual(Array.from({ length: 10 }, (_, index) => String(21 + index)));
    expect((await rig.events()).filter((event) => event.startsWith('STDERR'))).toHaveLength(30);
  });

  test('one killed process of a chain makes the whole fail, and nothing of what the others would print is routed', async () => {
    const rig = await OperatorRig.make(chain(['cat'], ['sort'], ['wc', '-l']));
    await rig.task.start();
    rig.producer.push(lines(0, 5000));
    await rig.waiters.until(() => rig.producer.sender.idle);
    process.kill(rig.status.groups[0]?.pid ?? 0, 'SIGKILL');
    await rig.over();
    expect(rig.status.failure?.message).toContain('`cat` died of SIGKILL');
    expect([rig.consumer.text, rig.consumer.ended]).toEqual(['', false]);
  });

  test('an output that cannot be read fails the task for good', async () => {
    const long = await OperatorRig.run(chain(sh('printf "short\\n%0200d\\n" 0')), [], { maxTupleBytes: 100, journal: true });
    expect(long.status.failure).toMatchObject({ code: 'TUPLE_TOO_LONG', message: expect.stringContaining('the output of stage 2 (tested), task 2-0') });
    expect(long.status.attempt).toBe(1);
    const quote = await OperatorRig.run(chain(sh('printf "a,\\"b\\n"')), [], { stage: { outputFormat: 'csv' } });
    expect(quote.status.failure).toMatchObject({ code: 'UNCLOSED_QUOTE' });
    expect(quote.consumer.ended).toBe(false);
  });
});

describe('T3: an operator that has had enough', () => {
  test.each([
    ['after some of its input', chain(['head', '-n', '3']), '0\n1\n2\n'],
    ['at the end of a chain', chain(['cat'], ['head', '-n', '3']), '0\n1\n2\n'],
    ['without reading any', chain(['echo', 'done']), 'done\n'],
    ['without printing any', chain(['true']), ''],
    ['when it closed its stdin and went on', chain(sh('head -n 1; exec <&-; seq 1 5000 | tail -n 1')), '0\n5000\n'],
  ])('%s', async (_, members, text) => {
    const rig = await OperatorRig.make(members, { journal: true });
    await rig.task.start();
    // Far more than fits into the pipe: it is taken all the same, and dropped.
    for (let from = 0; from < 200_000 && !rig.producer.stopped; from += 1000) {
      rig.producer.push(lines(from, from + 1000));
      if (rig.producer.sender.full) await rig.waiters.until(() => !rig.producer.sender.full || rig.producer.stopped);
    }
    await rig.over();
    expect([rig.status.state, rig.consumer.text, rig.consumer.ended, rig.producer.stopped]).toEqual(['finished', text, true, true]);
    rig.producer.sender.finish();
    expect(rig.producer.done).toBe(true);
    expect(await rig.events()).toContain('NOTE the operator had enough before its input ended');
  });

  test('must exit with status 0: one that is allowed at the end of input is none before it', async () => {
    const early = await OperatorRig.make([{ shown: 'exit 1', argv: sh('head -n 1; exit 1'), okStatuses: [0, 1] }]);
    await early.task.start();
    early.producer.push('a\nb\n');
    await early.over();
    expect(early.status.failure).toMatchObject({ code: 'OPERATOR_FAILED', message: expect.stringContaining('exited with status 1 before its input ended') });
    expect(early.producer.stopped).toBe(false);
    const late = await OperatorRig.run([{ shown: 'grep x', argv: ['grep', 'x'], okStatuses: [0, 1] }], ['a\n']);
    expect([late.status.state, late.consumer.text]).toEqual(['finished', '']);
  });
});

describe('T4: an operator whose output nobody wants any more', () => {
  test('is let go, and finishes however it ends', async () => {
    const rig = await OperatorRig.make(chain(sh('while echo y; do :; done; exit 9')), { consumers: 2 });
    await rig.task.start();
    await rig.waiters.until(() => rig.consumer.bytes > 0);
    rig.consumers[0]?.receiver.stop();
    expect(rig.producer.stopped).toBe(false);
    rig.consumers[1]?.receiver.stop();
    await rig.over();
    expect([rig.status.state, rig.producer.stopped]).toEqual(['finished', true]);
  });

  test('also when that was so before it was started', async () => {
    const rig = await OperatorRig.make(chain(['yes']));
    rig.consumer.receiver.stop();
    await rig.task.start();
    await rig.over();
    expect([rig.status.state, rig.consumer.text, rig.producer.stopped]).toEqual(['finished', '', true]);
  });

  test('is killed if it does not notice', async () => {
    const clock = new FakeClock();
    const rig = await OperatorRig.make(chain(sh('echo up; while :; do sleep 0.01; done')), { clock });
    await rig.task.start();
    await rig.waiters.until(() => rig.consumer.text === 'up\n');
    rig.consumer.receiver.stop();
    await rig.over();
    expect([rig.status.state, clock.waits]).toEqual(['finished', [2000]]);
  });
});

describe('T5: an operator that crashes', () => {
  test('is started again and makes the same again, of which nothing comes twice', async () => {
    const rig = await OperatorRig.make(chain(['cat'], ['sed', 's/$/!/'], ['cat']), { journal: true, producers: 2 });
    await rig.task.start();
    for (let crash = 0; crash < 5; crash++) {
      rig.producers[crash % 2]?.push(lines(crash * 1000, crash * 1000 + 1000));
      await rig.waiters.until(() => rig.producers.every(({ sender }) => sender.idle) && rig.status.groups.length === 3);
      process.kill(rig.status.groups[crash % 3]?.pid ?? 0, 'SIGKILL');
      await rig.waiters.until(() => rig.status.attempt === crash + 2 && rig.status.groups.length === 3);
    }
    for (const { sender } of rig.producers) sender.finish();
    await rig.over();
    expect(rig.consumer.text).toBe(lines(0, 5000).replaceAll('\n', '!\n'));
    expect(rig.status).toMatchObject({ state: 'finished', attempt: 6, inTuples: 5000, outTuples: 5000 });
    const words = (await rig.events()).map((event) => event.split(' ')[0]);
    expect(words.filter((word) => word === 'RESTART' || word === 'REPLAY')).toEqual(Array.from({ length: 5 }, () => ['RESTART', 'REPLAY']).flat());
  });

  test('on request, which is told as such', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { journal: true });
    expect(rig.task.killOperator()).toBe(false);
    await rig.task.start();
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.consumer.text === 'a\n');
    expect(rig.task.killOperator()).toBe(true);
    rig.producer.push('b\n');
    rig.producer.sender.finish();
    await rig.over();
    expect([rig.consumer.text, rig.task.killOperator()]).toEqual(['a\nb\n', false]);
    // Whether its stdin is seen to be closed before it is seen to be gone is up to the system.
    const words = (await rig.events()).filter((event) => !event.includes('closed its stdin')).map((event) => event.split(' ')[0]);
    expect(words).toEqual(['START', 'KILLED', 'EXIT', 'NOTE', 'RESTART', 'REPLAY', 'EXIT', 'END']);
  });

  test('again and again without getting further fails in the end', async () => {
    const clock = new FakeClock();
    const rig = await OperatorRig.run(chain(sh('read line; echo "$line"; echo poison >&2; exit 3')), ['a\n', 'b\n'], { journal: true, clock });
    expect(rig.status.failure).toMatchObject({ code: 'OPERATOR_FAILED', message: expect.stringMatching(/exited with status 3.*, 4 times without getting further$/), stderr: ['poison'] });
    expect([rig.status.attempt, rig.consumer.text, rig.consumer.ended]).toEqual([4, 'a\n', false]);
  });

  test('and prints something else the next time fails loudly', async () => {
    const rig = await OperatorRig.make(chain(sh('echo $$; cat')), { journal: true });
    await rig.task.start();
    rig.producer.push('a\n');
    await rig.waiters.until(() => rig.consumer.text.endsWith('a\n'));
    rig.task.killOperator();
    await rig.over();
    expect(rig.status.failure).toMatchObject({ code: 'DIVERGED' });
    expect(rig.consumer.text).toMatch(/^\d+\na\n$/);
  });

  test('fails the task at once where nothing is journaled', async () => {
    const rig = await OperatorRig.make(chain(['cat']));
    await rig.task.start();
    rig.task.killOperator();
    await rig.over();
    expect(rig.status).toMatchObject({ attempt: 1, failure: { message: expect.stringContaining('died of SIGKILL') } });
  });

  test('before anything can be started says why', async () => {
    const rig = await OperatorRig.run(chain(['/not/there']), ['a\n'], { journal: true });
    expect(rig.status).toMatchObject({ attempt: 1, failure: { code: 'OPERATOR_FAILED', message: expect.stringContaining('`/not/there` could not be started') } });
  });

  test('where no pipes can be made says why, and leaves nothing to wait for', async () => {
    const rig = await OperatorRig.make(chain(['cat']), { journal: true });
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = '/not/there';
    onTestFinished(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    });
    await rig.task.start();
    expect(rig.status.failure).toMatchObject({ code: 'OPERATOR_FAILED', message: expect.stringContaining('/not/there'), hint: expect.stringContaining('TMPDIR') });
    await rig.task.stop();
  });
});

describe('a task that is stopped', () => {
  test.each([
    ['while it runs', ['cat']],
    ['though its operator ignores what can be ignored', sh('trap "" TERM INT HUP PIPE; while :; do cat; sleep 0.01; done')],
    ['though its operator has exited and left processes behind', sh('sleep 1000 & exit 0')],
  ])('leaves no process: %s', async (_, command) => {
    const rig = await OperatorRig.make(chain(command), { journal: true });
    await rig.task.start();
    const pids = rig.status.groups.map(({ pid }) => pid);
    rig.producer.push('a\n');
    await rig.task.stop();
    expect(pids.map((pid) => isSameProcessAlive(pid, undefined))).toEqual([false]);
    expect(rig.status).toMatchObject({ state: 'stopped', groups: [] });
    expect(rig.consumer.ended).toBe(false);
  });

  test('before it was started is not started any more', async () => {
    const rig = await OperatorRig.make(chain(['cat']));
    await rig.task.stop();
    await rig.task.start();
    expect(rig.states).toEqual(['stopped']);
    expect(await rig.events()).toEqual([]);
  });

  test('while it is being started', async () => {
    const rig = await OperatorRig.make(chain(['cat']));
    const starting = rig.task.start();
    await rig.task.stop();
    await starting;
    expect([rig.status.state, rig.status.groups]).toEqual(['stopped', []]);
  });

  test('after it has finished stays finished', async () => {
    const rig = await OperatorRig.run(chain(['cat']), ['a\n']);
    await rig.task.stop();
    expect(rig.status.state).toBe('finished');
  });
});
