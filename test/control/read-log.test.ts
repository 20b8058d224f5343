import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { formatLogQuery, parseLogQuery, type LogQuery } from '../../src/control/log-query.ts';
import { readLog } from '../../src/control/read-log.ts';

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rainstorm-read-log-'));
  return () => rm(folder, { recursive: true });
});

let files = 0;

async function logWith(content: string | Buffer): Promise<string> {
  const path = join(folder, `${++files}.log`);
  await writeFile(path, content);
  return path;
}

async function read(content: string | Buffer, query: LogQuery): Promise<string> {
  return await text(await readLog(await logWith(content), query, () => true));
}

/** With their newlines. */
function linesOf(content: string): string[] {
  return content.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

const line = fc.oneof(fc.stringMatching(/^[ab ]{0,6}$/), fc.constant('x'.repeat(70_000)), fc.constant('Bär'));
const log = fc.tuple(fc.array(line, { maxLength: 30 }), fc.boolean()).map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''));

test('tail gives the last lines, to the byte, however long they are', async () => {
  await fc.assert(fc.asyncProperty(log, fc.integer({ min: 1, max: 40 }), async (content, tail) => {
    expect(await read(content, { tail })).toBe(linesOf(content).slice(-tail).join(''));
  }), { numRuns: 60 });
});

test('grep gives the lines that match, and with tail the last of them', async () => {
  await fc.assert(fc.asyncProperty(log, fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined }), async (content, tail) => {
    const wanted = linesOf(content).filter((one) => /a b|ä/.test(one)).map((one) => (one.endsWith('\n') ? one : `${one}\n`));
    expect(await read(content, { grep: 'a b|ä', tail })).toBe((tail === undefined ? wanted : wanted.slice(-tail)).join(''));
  }), { numRuns: 60 });
});

test('bytes that are no UTF-8 come out as they are', async () => {
  const bytes = Buffer.from([0xff, 0x61, 0x0a, 0x62, 0x0a]);
  const chunks = await (await readLog(await logWith(bytes), { grep: 'a' }, () => true)).toArray();
  expect(Buffer.concat(chunks as Buffer[])).toEqual(bytes.subarray(0, 3));
});

test.each<LogQuery>([{}, { tail: 1 }, { grep: 'one' }, { grep: 'one', tail: 1 }])('what is appended follows: %j', async (query) => {
  const path = await logWith('one 1\none 2');
  let isOver = false;
  const stream = await readLog(path, { ...query, follow: true }, () => isOver);
  let got = '';
  stream.on('data', (chunk: Buffer) => {
    got += chunk.toString();
  });
  onTestFinished(() => void stream.destroy());
  await appendFile(path, ' goes on\ntwo\none 3\n');
  await expect.poll(() => got, { timeout: 10_000 }).toContain('one 3\n');
  isOver = true;
  const wanted = ['one 1\n', 'one 2 goes on\n', 'two\n', 'one 3\n'].filter((one) => query.grep === undefined || one.includes('one'));
  // Without grep the last line was begun when it was asked for; with it only whole lines count.
  expect(got).toBe((query.tail === undefined || query.grep !== undefined ? wanted : wanted.slice(1)).join(''));
});

test('a regular expression that would take for ever is given up, and that is said', async () => {
  const content = `${'a'.repeat(60)}b\n`;
  expect(await read(content, { grep: '^(a+)+$' })).toMatch(/ NOTE the search ends here: the regular expression takes longer than 500 ms\n$/);
});

test('a log that is not there is no task\'s', async () => {
  await expect(readLog(join(folder, 'none'), {}, () => true)).rejects.toMatchObject({ code: 'UNKNOWN_TASK', message: expect.stringContaining('no such file') as unknown });
});

describe('a query', () => {
  test('is read back from how it is written', () => {
    for (const query of [{ follow: false }, { follow: true, grep: 'a&b=[+]', tail: 7 }, { follow: false, tail: 1 }]) {
      expect(parseLogQuery(Object.fromEntries(new URLSearchParams(formatLogQuery(query))))).toEqual(query);
    }
  });

  test.each([
    [{ grep: '(' }, '( is no regular expression: Unterminated group'],
    [{ grep: 'a'.repeat(1_001) }, 'grep has 1001 characters; up to 1000 are taken'],
    [{ tail: '0' }, 'tail=0 is no number of lines'],
    [{ tail: '10001' }, 'tail=10001 is no number of lines'],
    [{ tail: '-1' }, 'tail=-1 is no number of lines'],
  ])('that makes no sense is refused: %o', (query, message) => {
    expect(() => parseLogQuery(query)).toThrow(expect.objectContaining({ code: 'USAGE', message }) as Error);
  });
});
