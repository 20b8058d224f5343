import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { OPERATOR_NAMES } from '../../src/job/operator-catalog.ts';
import { finishOperator, outputOf, startOperator } from './harness.ts';

describe('wrong use ends with status 2 and one message', () => {
  test.each([
    ['filter', ['--frmat', 'csv'], /^filter: Unknown option '--frmat'/],
    ['filter', ['--format', 'xml'], /^filter: --format xml is neither csv nor lines\n$/],
    ['filter', ['a', 'b'], /^filter: one argument is taken, not 2: a b\n/],
    ['filter', ['/(/'], /^filter: .*no regular expression/],
    ['identity', ['x'], /^identity takes no argument\n/],
    ['transform', [], /^transform needs an argument\n/],
    ['aggregate', ['0'], /^aggregate: 0 is no column number\n/],
    ['aggregate', ['Name'], /^aggregate: .*"Name"/],
    ['sum', ['3'], /^sum: 3 is not of the form KEY\/VALUE\n/],
    ['fused', [], /^fused: no operators are given\n/],
    ['fused', ['["filter"]', 'identity'], /^filter \| \?: identity is no array of words in JSON\n/],
    ['fused', ['["filter", 1]'], /^filter: \["filter", 1\] is no array of words in JSON\n/],
    ['fused', ['["filtre"]'], /^filtre: there is no operator "filtre"\n/],
    ['fused', ['["filter"]', '["sum", "3"]'], /^filter \| sum: 3 is not of the form/],
  ])('%s %j', async (name, args, message) => {
    const { status, stdout, stderr } = await finishOperator(name, args, 'a,b\n');
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(2);
    expect(stdout.length).toBe(0);
  });

  test('a column name that the header does not have, with the nearest one', async () => {
    const { status, stderr } = await finishOperator('aggregate', ['--header', 'Nme'], 'Name,Price\na,1\n');
    expect(stderr).toContain('Did you mean "Name"?');
    expect(status).toBe(2);
  });

  test('a folder as standard input', () => {
    const folder = openSync(tmpdir(), 'r');
    const program = fileURLToPath(new URL('../../operators/identity.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [program], { stdio: [folder, 'pipe', 'pipe'], encoding: 'utf8' });
    closeSync(folder);
    expect(stderr).toBe('identity: standard input is a folder\n');
    expect(status).toBe(2);
  });
});

test.each(OPERATOR_NAMES)('%s --help says how it is used', async (name) => {
  expect(await outputOf(name, ['--help'], '')).toMatch(new RegExp(`^usage: ${name} `));
});

test('an unclosed quote in CSV is an error with status 1; in lines it is a character', async () => {
  const { status, stderr } = await finishOperator('filter', ['--format', 'csv'], 'a\nb,"c\nd\n');
  expect(stderr).toContain('filter: standard input: the quote opened on line 2 is never closed');
  expect(status).toBe(1);
  expect(await outputOf('filter', [], 'a\nb,"c\nd\n')).toBe('a\nb,"c\nd\n');
});

describe('--header', () => {
  const rows = 'k,v\na,1\n\nb,2\n';

  test.each([
    ['identity', [], 'k,v\na,1\n\nb,2\n'],
    ['filter', ['b'], 'k,v\nb,2\n'],
    ['replace', ['/a|k/x/'], 'k,v\nx,1\n\nb,2\n'],
    ['flatmap', [','], 'a\n1\nb\n2\n'],
    ['running-aggregate', ['k'], 'k,count\na,1\n,1\nb,1\n'],
    ['aggregate', ['line'], 'line,count\n,1\n"a,1",1\n"b,2",1\n'],
  ])('%s %j', async (name, args, expected) => {
    expect(await outputOf(name, ['--header', ...args], rows)).toBe(expected);
  });

  test('a header alone, and nothing at all', async () => {
    expect(await outputOf('aggregate', ['--header', 'v'], 'k,v')).toBe('v,count\n');
    expect(await outputOf('aggregate', ['--header', 'v'], '')).toBe('');
  });
});

test('a reader that goes away ends it quietly with status 141', async () => {
  const child = startOperator('identity');
  child.stdin.on('error', () => {});
  const stderr = text(child.stderr);
  const closed = once(child, 'close');
  const line = Buffer.alloc(1024 * 1024, 'a line of text\n');
  child.stdin.write(line);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.write(line);
  child.stdin.write(line);
  expect((await closed)[0]).toBe(141);
  expect(await stderr).toBe('');
});
