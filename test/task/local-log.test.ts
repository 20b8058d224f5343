import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Block } from '../../src/job/block.ts';
import type { Format, LogTuples } from '../../src/job/stage-spec.ts';
import { escapeTuple } from '../../src/task/escape-tuple.ts';
import { LocalLog } from '../../src/task/local-log.ts';
import { scratch } from '../connect/scratch.ts';

function blockOf(text: string, format: Format = 'lines'): Block {
  const block = new BlockSplitter({ format, maxTupleBytes: 1 << 20, where: 'test' }).push(Buffer.from(text));
  if (block === undefined) throw new Error('the text has a tuple');
  return block;
}

/** The lines of a log without their times. */
async function written(write: (log: LocalLog) => void, logTuples: LogTuples = 'first'): Promise<string[]> {
  const path = join(await scratch(), 'logs', '2-0.log');
  const log = new LocalLog(path, '2-0', logTuples);
  write(log);
  log.close();
  const lines = (await readFile(path, 'latin1')).split('\n');
  expect(lines.pop()).toBe('');
  for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ /);
  return lines.map((line) => line.replace(/^\S+ /, ''));
}

describe('a task\'s log', () => {
  test('has one event a line', async () => {
    expect(await written((log) => {
      log.event('START', 'attempt=1');
      log.event('FAILED', 'a message\nof two lines');
      log.stderr(Buffer.from('a complaint'));
      log.output(blockOf('a\nb\n'), 7);
    })).toEqual(['START attempt=1', 'FAILED a message\\nof two lines', 'STDERR a complaint', 'OUTPUT 2-0#7 a', 'OUTPUT 2-0#8 b']);
  });

  test('holds no event that a tuple or a complaint forged', async () => {
    const forged = '2026-01-01T00:00:00.000Z END in=0 out=0';
    const lines = await written((log) => {
      log.output(blockOf(`"x\n${forged}\n",1\n`, 'csv'), 0);
      log.stderr(Buffer.from(`x\r${forged}`));
      log.stderr(Buffer.from(`x\n${forged}`));
    });
    expect(lines).toEqual([
      `OUTPUT 2-0#0 "x\\n${forged}\\n",1`,
      `STDERR x\\r${forged}`,
      `STDERR x\\n${forged}`,
    ]);
  });

  test('has the first 10,000 output tuples, and says that it has no more', async () => {
    const many = blockOf('t\n'.repeat(4000));
    const lines = await written((log) => {
      for (let block = 0; block < 4; block++) log.output(many, block * 4000);
    });
    expect(lines).toHaveLength(10_001);
    expect(lines.at(-2)).toBe('OUTPUT 2-0#9999 t');
    expect(lines.at(-1)).toMatch(/^NOTE further output tuples are not logged/);
  });

  test('has all of them, or none, if asked', async () => {
    const many = blockOf('t\n'.repeat(12_000));
    expect(await written((log) => log.output(many, 0), 'all')).toHaveLength(12_000);
    expect(await written((log) => log.output(many, 0), 'off')).toEqual([]);
  });

  test('keeps every byte of a tuple but those that it escapes', async () => {
    expect(await written((log) => log.output(blockOf('\xff\x00\\\r\t\x1b\n'), 0))).toEqual(['OUTPUT 2-0#0 \xc3\xbf\\0\\\\\\r\t\x1b']);
  });
});

describe('an escaped tuple', () => {
  const unescape = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replaceAll(/\\(.)/g, (_, escape: string) => ({ n: '\n', r: '\r', 0: '\0', '\\': '\\' })[escape] ?? ''), 'latin1');

  test('is one line, and can be read back', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(10), (bytes, before) => {
      const buffer = Buffer.concat([Buffer.alloc(before, 'z'), Buffer.from(bytes), Buffer.from('zz')]);
      const escaped = escapeTuple(buffer, before, before + bytes.length);
      expect(escaped.includes(0x0a) || escaped.includes(0x0d) || escaped.includes(0)).toBe(false);
      expect(unescape(escaped)).toEqual(Buffer.from(bytes));
    }));
  });

  test('is cut where it is too long, and says how much is missing', () => {
    expect(escapeTuple(Buffer.alloc(5000, 'x'), 0, 5000).toString()).toBe(`${'x'.repeat(2048)}… (2952 bytes more)`);
    expect(escapeTuple(Buffer.alloc(2048, 'x'), 0, 2048).toString()).toBe('x'.repeat(2048));
  });
});

test('tuples are logged as if each were escaped by itself, in whatever company they come', async () => {
  const tuple = fc.constantFrom('a', '', 'b,c', '"x\ny"', '\\', 'r\r', 'z'.repeat(2_048), 'z'.repeat(2_049), '\0', '\xff');
  await fc.assert(fc.asyncProperty(fc.array(tuple, { minLength: 1, maxLength: 6 }), async (tuples) => {
    const block = blockOf(tuples.map((text) => `${text}\n`).join(''), 'csv');
    const shown = Array.from({ length: block.count }, (_, index) => {
      const start = index === 0 ? 0 : (block.ends[index - 1] as number);
      return `OUTPUT 2-0#${index} ${escapeTuple(block.bytes, start, (block.ends[index] as number) - 1).toString('latin1')}`;
    });
    expect(await written((log) => log.output(block, 0))).toEqual(shown);
  }), { numRuns: 100 });
});
