/** What the author of an operator can rely on, in JavaScript and in Python. */
import { describe, expect, test } from 'vitest';
import { operator } from '../src/operator.ts';
import { DrivenOperator } from './kit/driven-operator.ts';
import { javascript, python, run } from './kit/programs.ts';
import type { Subject } from './kit/subjects.ts';

/** The output of a process that reads `first` and hands out its state, and of a second one that goes on from it with `rest`. */
async function inTwo(subject: Subject, first: string, rest: string): Promise<string> {
  const before = await DrivenOperator.begin(subject);
  await before.feed(Buffer.from(first));
  await before.say(`checkpoint 1 ${Buffer.byteLength(first)}\n`);
  const { outputBytes, bytes } = await before.state();
  const printed = await before.printed(outputBytes);
  const after = await DrivenOperator.begin(subject, bytes);
  await after.feed(Buffer.from(rest));
  return Buffer.concat([printed, await after.finish()]).toString();
}

describe('a program that is no operator is told so', () => {
  test.each([
    ['no function', javascript('operator({});'), /TypeError: an operator has one of line, fields, tuple and block, not none/],
    ['two functions', javascript('operator({ line() {}, fields() {} });'), /not line and fields/],
    ['half a snapshot', javascript('operator({ line() {}, snapshot() {} });'), /both snapshot and restore, or neither/],
    ['an async function', javascript('operator({ async line() {} });'), /must not be async/],
    ['an async end', javascript('operator({ line() {}, async end() {} });'), /must not be async/],
    ['no function', python('rainstorm.operator()'), /TypeError: an operator has one of line, fields and tuple, not none/],
    ['two functions', python('rainstorm.operator(line=print, fields=print)'), /not line and fields/],
    ['half a snapshot', python('rainstorm.operator(line=print, snapshot=print)'), /both snapshot and restore, or neither/],
    ['an unknown format', python('rainstorm.operator(tuple=print, format="xml")'), /format is lines or csv, not 'xml'/],
  ])('%s (%#)', async (_, subject, message) => {
    const { status, stderr } = await run(subject, 'a\n');
    expect(stderr).toMatch(message);
    expect(status).toBe(1);
  });
});

test.each([
  javascript("operator({ line(text) { throw new Error('I cannot take ' + text); } });"),
  python('def fail(text, out, state):\n  raise ValueError("I cannot take " + text)\nrainstorm.operator(line=fail)'),
])('$name: an error ends it with status 1, and says where', async (subject) => {
  const { status, stderr } = await run(subject, 'a\nb\n');
  expect(stderr).toMatch(/Error: I cannot take a/);
  expect(stderr).toMatch(/at Object\.line|line \d+, in fail/);
  expect(status).toBe(1);
});

test('Python: an expected failure is told without a traceback', async () => {
  const { status, stderr } = await run(python('def fail(text, out, state):\n  raise rainstorm.Failure("no such thing as " + text)\nrainstorm.operator(line=fail)'), 'a\n');
  expect(stderr).toBe('-c: no such thing as a\n');
  expect(status).toBe(1);
});

test.each([
  javascript("operator({ line(text, out) { out.line(text.repeat(1000)); } });"),
  python('rainstorm.operator(line=lambda text, out, state: out.line(text * 1000))'),
])('$name: a reader that goes away ends it quietly with status 141', async (subject) => {
  const shell = { name: '', argv: ['bash', '-c', '"$@" | head -c 10; echo "${PIPESTATUS[0]}" >&2', '-', ...subject.argv], env: subject.env ?? {} };
  const { stdout, stderr } = await run(shell, 'abcdefghij\n'.repeat(100_000));
  expect(stdout.toString()).toBe('abcdefghij');
  expect(stderr).toBe('141\n');
});

test.each([
  javascript("let sum = 0; operator({ line(text, out) { sum += Number(text); out.line(String(sum)); }, snapshot: () => Buffer.from(String(sum)), restore(bytes) { sum = Number(bytes); } });"),
  python('class Sum:\n  total = 0\n  def line(self, text, out, state):\n    self.total += int(text)\n    out.line(str(self.total))\n  def snapshot(self):\n    return b"%d" % self.total\n  def restore(self, data):\n    self.total = int(data)\nrainstorm.operator(Sum())'),
])('$name: what a program keeps elsewhere goes through its own snapshot and restore', async (subject) => {
  expect(await inTwo(subject, '1\n2\n', '3\n')).toBe('1\n3\n6\n');
});

test('JavaScript: instances of a class go through its values', async () => {
  const subject = javascript(`
    class Range { min; max; constructor(min, max) { this.min = min; this.max = max; } add(n) { this.min = Math.min(this.min, n); this.max = Math.max(this.max, n); } }
    operator({
      values: { toBytes: ({ min, max }) => Buffer.from(min + ' ' + max), fromBytes: (bytes) => new Range(...String(bytes).split(' ').map(Number)) },
      fields([key, number], out, state) { if (!state.has(key)) state.set(key, new Range(Infinity, -Infinity)); state.get(key).add(Number(number)); },
      end(out, state) { for (const [key, { min, max }] of state) out.fields([key, min, max]); },
    });`);
  expect(await inTwo(subject, 'b,3\na,1\n', 'b,5\na,-1\n')).toBe('b,3,5\na,-1,1\n');
});

test('Python: a set in the state, which keeps no order, is refused at the checkpoint', async () => {
  const operator = await DrivenOperator.begin(python('def remember(text, out, state):\n  state.setdefault("all", [set()])[0].add(text)\nrainstorm.operator(line=remember)'));
  await operator.feed(Buffer.from('a\n'));
  await operator.say('checkpoint 1 2\n');
  const { status, stderr } = await operator.exited;
  expect(stderr).toContain('the state has a set, whose order a checkpoint does not keep');
  expect(status).toBe(1);
});

test('JavaScript: blocks are whole tuples, and say on which line they begin', async () => {
  const subject = javascript(`
    operator({ format: 'csv', block({ bytes, count, ends }, out, state, line) {
      if (ends[count - 1] !== bytes.length) throw new Error('half a tuple');
      const lines = (state.get('lines') ?? 0);
      if (line !== lines + 1) throw new Error('line ' + line + ' is ' + (lines + 1));
      state.set('lines', lines + String(bytes).split('\\n').length - 1);
      out.bytes(bytes);
    } });`);
  expect(await inTwo(subject, 'a\n"b\nc"\n"d\n', 'e"\nf\n')).toBe('a\n"b\nc"\n"d\ne"\nf\n');
});

test.each([
  javascript('operator({ line(text, out, state) { out.line(String(process.env.RAINSTORM_CONTROL)); } });'),
  python('import os\nrainstorm.operator(line=lambda text, out, state: out.line(str(os.environ.get("RAINSTORM_CONTROL"))))'),
])('$name: programs that it starts are not told of the descriptors, which are not for them', async (subject) => {
  expect(await inTwo(subject, 'a\n', 'b\n')).toMatch(/^(?:undefined|None)\n(?:undefined|None)\n$/);
});

test.each([
  javascript('operator({ line() {} });'),
  python('rainstorm.operator(line=lambda text, out, state: None)'),
])('$name: the variable without the descriptors, or of another version, is an error', async (subject) => {
  const [none, other] = await Promise.all(['1', '2'].map((version) => run({ ...subject, env: { ...subject.env, RAINSTORM_CONTROL: version } }, 'a\n')));
  expect(none).toMatchObject({ status: 1, stderr: expect.stringMatching(/RAINSTORM_CONTROL is set, and descriptor \d is no pipe/) });
  expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining('RAINSTORM_CONTROL is 2; this operator speaks version 1') });
});

test('the types say which functions there are, and what the values of the state are', () => {
  // Compiled and not run: what is marked as an error has to be one.
  const programs = [
    () => operator<number>({
      fields([zone = ''], out, state) {
        const count: number = (state.get(zone) ?? 0) + 1;
        state.set(zone, count);
        out.fields([zone, count]);
      },
    }),
    () => operator({ format: 'csv', block: ({ bytes }, out, _, line) => (line > 1 ? out.bytes(bytes) : undefined) }),
    // @ts-expect-error no function of this name
    () => operator({ lines() {} }),
    // @ts-expect-error no such format
    () => operator({ format: 'xml', tuple() {} }),
    // @ts-expect-error a text is no number
    () => operator<number>({ line: (text, _, state) => void state.set(text, text) }),
    // @ts-expect-error what has been put out is the kit's to take
    () => operator({ line: (_, out) => void out.take() }),
  ];
  expect(programs).toHaveLength(6);
});
