/** Every operator of the kit, and of its twin in Python, as a process under the control protocol (docs/control-protocol.md). */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunksOf } from '../job/csv-samples.ts';
import { DrivenOperator, WAIT_LIMIT_MS } from './driven-operator.ts';
import { javascript, python } from './programs.ts';
import { EXAMPLES, KEYED, SUBJECTS, tuples, type Subject } from './subjects.ts';

/** A run of processes for each input. */
const PROPERTY_RUNS = 4;
const PROPERTY_LIMIT_MS = 90_000;

const LARGE_KEY_BYTES = 1024 * 1024;
const LARGE_KEYS = 21;

const ROWS = ['a,1,,,k', 'b,2,,,l', 'ab,3,,,k', 'b,4,,,m', 'ab,5,,,l', 'b,6,,,k'].map((row) => Buffer.from(`${row}\n`));
const INPUT = Buffer.concat(ROWS);

/** What the program makes of the input as an ordinary filter. */
async function undisturbed(subject: Subject, input: Buffer): Promise<Buffer> {
  const operator = await DrivenOperator.start({ ...subject, control: false });
  await operator.feed(input);
  return await operator.finish();
}

/** The offset behind so many of the rows. */
function behind(rows: readonly Buffer[], count: number): number {
  return rows.slice(0, count).reduce((sum, row) => sum + row.length, 0);
}

/** They print their keys in the order in which these came, at the end. */
const IN_ORDER = [
  javascript('operator({ fields(values, out, counts) { const key = values[4] ?? ""; counts.set(key, (counts.get(key) ?? 0) + 1); }, end(out, counts) { for (const entry of counts) out.fields(entry); } });'),
  python('def count(values, out, counts):\n  key = values[4] if len(values) > 4 else ""\n  counts[key] = counts.get(key, 0) + 1\ndef end(out, counts):\n  for entry in counts.items():\n    out.fields(entry)\nrainstorm.operator(fields=count, end=end)'),
].map((subject) => ({ ...subject, name: `keys in their order, in ${subject.name}` }));

describe.each([...SUBJECTS, ...IN_ORDER])('$name', (subject) => {
  test('greets, and answers at offset 0, in the middle and at the end, one after the other, while no more input comes', async () => {
    const whole = await undisturbed(subject, INPUT);
    const operator = await DrivenOperator.start(subject);
    await operator.say('fresh\n');
    expect(await operator.greeting()).toMatch(/^rainstorm-operator 1( ranges)?$/);
    let fed = 0;
    for (const [index, rows] of [0, 2, 3, 3, ROWS.length].entries()) {
      const offset = behind(ROWS, rows);
      if (offset > fed) await operator.feed(INPUT.subarray(fed, offset));
      fed = offset;
      await operator.say(`checkpoint ${index + 1} ${offset}\n`);
      const { id, outputBytes, bytes } = await operator.state();
      expect(id).toBe(index + 1);
      const before = await operator.printed(outputBytes);
      await operator.say(`continue ${id}\n`);

      const next = await DrivenOperator.begin(subject, bytes);
      await next.feed(INPUT.subarray(offset));
      expect(Buffer.concat([before, await next.finish()])).toEqual(whole);
    }
    expect(await operator.finish()).toEqual(whole);
  });

  test('wherever checkpoints and chunks fall, a process that goes on from a state prints the rest', async () => {
    const places = fc.array(fc.nat(), { minLength: 1, maxLength: 3 });
    const lengths = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(tuples, places, lengths, fc.boolean(), async (rows, places, lengths, early) => {
        const input = Buffer.concat(rows);
        const offsets = places.map((place) => behind(rows, place % (rows.length + 1))).toSorted((a, b) => a - b);
        const whole = (await undisturbed(subject, input)).toString('latin1');
        expect(await inLegs(subject, input, offsets, lengths, early)).toBe(whole);
        expect(await inOne(subject, input, offsets, lengths, early)).toBe(whole);
      }),
      // A failure may be a wait in vain, and shrinking it many of them.
      { numRuns: PROPERTY_RUNS, endOnFailure: true },
    );
  }, PROPERTY_LIMIT_MS);

  test('a checkpoint that was asked for before the end of input is answered before the program ends', async () => {
    const operator = await DrivenOperator.begin(subject);
    await operator.say(`checkpoint 7 ${INPUT.length}\n`);
    await operator.feed(INPUT);
    operator.endInput();
    const { id, outputBytes } = await operator.state();
    expect(id).toBe(7);
    expect((await operator.printed(outputBytes)).length).toBe(outputBytes);
    await operator.say('continue 7\n');
    expect(await operator.finish()).toEqual(await undisturbed(subject, INPUT));
  });

  test('a task that closes descriptor 3 is no mistake, not even between state and continue', async () => {
    const whole = await undisturbed(subject, INPUT);
    for (const when of ['at once', 'while a checkpoint is wanted', 'after the state']) {
      const operator = await DrivenOperator.begin(subject);
      await operator.feed(INPUT.subarray(0, behind(ROWS, 2)));
      if (when === 'while a checkpoint is wanted') await operator.say(`checkpoint 1 ${behind(ROWS, 4)}\n`);
      if (when === 'after the state') {
        await operator.say(`checkpoint 1 ${behind(ROWS, 2)}\n`);
        await operator.state();
      }
      operator.hangUp();
      await operator.feed(INPUT.subarray(behind(ROWS, 2)));
      expect(await operator.finish(), when).toEqual(whole);
    }
  });

  test('a descriptor 3 that does not block does as well', async () => {
    const operator = await DrivenOperator.begin({ ...subject, nonblocking: true });
    await operator.feed(INPUT);
    await operator.say(`checkpoint 1 ${INPUT.length}\n`);
    const { bytes, outputBytes } = await operator.state();
    const next = await DrivenOperator.begin({ ...subject, nonblocking: true }, bytes);
    const whole = await undisturbed(subject, INPUT);
    expect(Buffer.concat([await operator.printed(outputBytes), await next.finish()])).toEqual(whole);
    await operator.say('continue 1\n');
    expect(await operator.finish()).toEqual(whole);
  });

  test('messages that come in one piece are all heeded', async () => {
    const operator = await DrivenOperator.start(subject);
    await operator.say('fresh\ncheckpoint 1 0\n');
    await operator.greeting();
    expect((await operator.state()).id).toBe(1);
    await operator.say('continue 1\ncheckpoint 2 0\n');
    expect((await operator.state()).id).toBe(2);
    await operator.say(`continue 2\ncheckpoint 3 ${INPUT.length}\n`);
    await operator.feed(INPUT);
    expect((await operator.state()).id).toBe(3);
    await operator.say('continue 3\n');
    expect(await operator.finish()).toEqual(await undisturbed(subject, INPUT));
  });
});

describe.each(EXAMPLES)('$name', (subject) => {
  test('nonsense from the task ends it with status 1 and a message', async () => {
    for (const message of ['hello\n', 'fresh\nfresh\n', 'fresh\ncheckpoint 1\n', 'fresh\ncheckpoint 1 -1\n', 'fresh\ncontinue 1\n', 'fresh\ncheckpoint 1 9\ncheckpoint 2 9\n', 'x'.repeat(300)]) {
      const operator = await DrivenOperator.start(subject);
      await operator.say(message);
      const { status, stderr } = await operator.exited;
      expect(stderr, message).toContain('descriptor 3');
      expect(status, message).toBe(1);
    }
  }, WAIT_LIMIT_MS * 2);
});

/** One process with all checkpoints; gives its output. */
async function inOne(subject: Subject, input: Buffer, offsets: readonly number[], lengths: readonly number[], early: boolean): Promise<string> {
  const operator = await DrivenOperator.begin(subject);
  let fed = 0;
  for (const [index, offset] of offsets.entries()) {
    if (early) await operator.say(`checkpoint ${index} ${offset}\n`);
    // With notice given, the chunk may go beyond the checkpoint.
    const until = early ? Math.max(fed, Math.min(input.length, offset + (lengths[0] ?? 0))) : offset;
    const allowed = Math.min(until, offsets[index + 1] ?? until);
    for (const chunk of chunksOf(input.subarray(fed, allowed), lengths)) await operator.feed(chunk);
    fed = Math.max(fed, allowed);
    if (!early) await operator.say(`checkpoint ${index} ${offset}\n`);
    const { outputBytes } = await operator.state();
    expect((await operator.printed(outputBytes)).length).toBe(outputBytes);
    await operator.say(`continue ${index}\n`);
  }
  for (const chunk of chunksOf(input.subarray(fed), lengths)) await operator.feed(chunk);
  return (await operator.finish()).toString('latin1');
}

/** A process for each stretch between checkpoints, killed behind its state; gives what they printed together. */
async function inLegs(subject: Subject, input: Buffer, offsets: readonly number[], lengths: readonly number[], early: boolean): Promise<string> {
  let state: Buffer | undefined;
  let printed = '';
  let start = 0;
  for (const offset of offsets) {
    const operator = await DrivenOperator.begin(subject, state);
    if (early) await operator.say(`checkpoint 1 ${offset - start}\n`);
    for (const chunk of chunksOf(input.subarray(start, offset), lengths)) await operator.feed(chunk);
    // What the next process will be fed may be in the pipe of this one already.
    if (early) await operator.feed(input.subarray(offset));
    else await operator.say(`checkpoint 1 ${offset - start}\n`);
    const { outputBytes, bytes } = await operator.state();
    printed += (await operator.printed(outputBytes)).toString('latin1');
    // Nothing was printed behind the state.
    await operator.kill();
    expect(operator.output.length).toBe(outputBytes);
    [state, start] = [bytes, offset];
  }
  const last = await DrivenOperator.begin(subject, state);
  for (const chunk of chunksOf(input.subarray(start), lengths)) await last.feed(chunk);
  return printed + (await last.finish()).toString('latin1');
}

/** What they print for some rows is all they print for them, at once. */
const PRINT_AT_ONCE = SUBJECTS.filter(({ name }) => !/^(?:aggregate|sum)/.test(name));

test.runIf(process.platform === 'linux').each(PRINT_AT_ONCE)('$name heeds what was said before a piece of stdin before it handles that', async (subject) => {
  const whole = await undisturbed(subject, INPUT);
  const [first, second] = [behind(ROWS, 2), behind(ROWS, 3)];
  const operator = await DrivenOperator.begin(subject);
  await operator.feed(INPUT.subarray(0, first));
  await operator.printed((await undisturbed(subject, INPUT.subarray(0, first))).length);
  // It waits for more. When it wakes, stdin was the first to be ready, and one read of it goes beyond the checkpoint.
  await operator.freeze();
  await operator.feed(INPUT.subarray(first, second));
  await operator.say(`checkpoint 1 ${second}\n`);
  await operator.feed(INPUT.subarray(second));
  operator.thaw();
  const { outputBytes, bytes } = await operator.state();
  const next = await DrivenOperator.begin(subject, bytes);
  await next.feed(INPUT.subarray(second));
  expect(Buffer.concat([await operator.printed(outputBytes), await next.finish()])).toEqual(whole);
  await operator.say('continue 1\n');
  expect(await operator.finish()).toEqual(whole);
});

test.each(PRINT_AT_ONCE)('$name prints nothing between a state and continue', async (subject) => {
  const [held, twin] = await Promise.all([DrivenOperator.begin(subject), DrivenOperator.begin(subject)]);
  for (const operator of [held, twin]) await operator.say('checkpoint 1 0\n');
  for (const operator of [held, twin]) await operator.state();
  // Whoever may go on prints; by then the other has had as long.
  await held.feed(INPUT);
  await twin.say('continue 1\n');
  await twin.feed(INPUT);
  await twin.printed((await undisturbed(subject, INPUT)).length);
  expect(held.output.length).toBe(0);
  await held.say('continue 1\n');
  expect(await held.finish()).toEqual(await twin.finish());
});

describe.each(KEYED)('$name', (subject) => {
  test(`a state of ${LARGE_KEYS} MiB goes out and comes back`, async () => {
    const key = (index: number) => Buffer.alloc(LARGE_KEY_BYTES, String.fromCharCode(97 + index));
    const rows = Array.from({ length: LARGE_KEYS }, (_, index) => Buffer.concat([Buffer.from(',1,,,'), key(index), Buffer.from('\n')]));
    const operator = await DrivenOperator.begin(subject);
    for (const row of rows) await operator.feed(row);
    await operator.say(`checkpoint 1 ${behind(rows, rows.length)}\n`);
    const { outputBytes, bytes } = await operator.state();
    expect(bytes.length).toBeGreaterThan(LARGE_KEYS * LARGE_KEY_BYTES);
    const before = await operator.printed(outputBytes);
    const next = await DrivenOperator.begin(subject, bytes);
    await next.feed(rows[3] as Buffer);
    await operator.say('continue 1\n');
    await operator.feed(rows[3] as Buffer);
    const whole = await operator.finish();
    expect(Buffer.concat([before, await next.finish()]).equals(whole)).toBe(true);
  });

  test('a state that is cut short is refused', async () => {
    const operator = await DrivenOperator.begin(subject);
    await operator.feed(INPUT);
    await operator.say(`checkpoint 1 ${INPUT.length}\n`);
    const { bytes } = await operator.state();
    for (const state of [bytes.subarray(0, bytes.length - 1), bytes.subarray(1), Buffer.from('no state')]) {
      const next = await DrivenOperator.begin(subject, state);
      expect(await next.exited).toMatchObject({ status: 1, stderr: expect.stringContaining('the state to begin with') });
    }
  });
});
