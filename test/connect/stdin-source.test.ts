import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { StdinSource } from '../../src/connect/stdin-source.ts';
import { failureOf, readAll } from './scratch.ts';

const LINES = { format: 'lines', maxTupleBytes: 1024 * 1024 } as const;
const CSV = { format: 'csv', maxTupleBytes: 1024 * 1024 } as const;

function stream(...chunks: string[]): Readable {
  return Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
}

describe('StdinSource', () => {
  test('gives the stream back byte for byte and completes a last line', async () => {
    const source = new StdinSource(stream('one\ntw', 'o\n\0\r', '\nthree'));
    source.start({ ...LINES, header: false });
    expect((await readAll(source)).toString()).toBe('one\ntwo\n\0\r\nthree\n');
    expect(source.progress()).toEqual({ doneBytes: 16, totalBytes: undefined });
  });

  test('the first record can be looked at, also twice, and is read all the same', async () => {
    const source = new StdinSource(stream('"a', '\nb",', 'c\n1,', '2\n3,4\n'));
    expect((await source.peekRecord(CSV))?.toString()).toBe('"a\nb",c');
    expect((await source.peekRecord(CSV))?.toString()).toBe('"a\nb",c');
    source.start({ ...CSV, header: false });
    expect((await readAll(source)).toString()).toBe('"a\nb",c\n1,2\n3,4\n');
  });

  test('a header is no tuple, whether it was looked at or not', async () => {
    for (const peek of [true, false]) {
      const source = new StdinSource(stream('\uFEFFk,v\n', '1,2\n'));
      if (peek) expect((await source.peekRecord(CSV))?.toString()).toBe('k,v');
      source.start({ ...CSV, header: true });
      expect((await readAll(source)).toString()).toBe('1,2\n');
    }
  });

  test('a stream that ends before its first newline, or at once, can be looked at', async () => {
    const source = new StdinSource(stream('ab', 'c'));
    expect((await source.peekRecord(LINES))?.toString()).toBe('abc');
    source.start({ ...LINES, header: false });
    expect((await readAll(source)).toString()).toBe('abc\n');
    const empty = new StdinSource(stream());
    expect(await empty.peekRecord(LINES)).toBeUndefined();
    empty.start({ ...LINES, header: true });
    expect((await readAll(empty)).toString()).toBe('');
  });

  test('looking takes no more than the first record needs, and nothing is taken before', async () => {
    const chunks = Array.from({ length: 1000 }, (_, i) => `row ${i}\n`);
    const taken: string[] = [];
    const input = Readable.from(
      (function* () {
        for (const chunk of chunks) {
          taken.push(chunk);
          yield Buffer.from(chunk);
        }
      })(),
      { highWaterMark: 4 },
    );
    const source = new StdinSource(input);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toHaveLength(0);
    await source.peekRecord(LINES);
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken.length).toBeLessThan(20);
    source.start({ ...LINES, header: false });
    expect((await readAll(source)).toString()).toBe(chunks.join(''));
  });

  test('a stream that is not read is not taken in beyond its own buffer', async () => {
    const input = new PassThrough({ highWaterMark: 64 * 1024 });
    const source = new StdinSource(input);
    source.start({ ...LINES, header: false });
    let accepted = 0;
    const line = Buffer.alloc(1024, 'x').fill('\n', 1023);
    input.write(line);
    await source.read();
    while (input.write(line) && accepted < 1000) accepted++;
    await new Promise((resolve) => setImmediate(resolve));
    expect(accepted).toBeLessThan(200);
    await source.close();
  });

  test('close ends a pending read and a pending look, drops a cut record, and destroys the stream', async () => {
    const input = new PassThrough();
    input.write('"cut');
    const source = new StdinSource(input);
    source.start({ ...CSV, header: false });
    const pending = source.read();
    await source.close();
    await source.close();
    expect(await pending).toBeUndefined();
    expect(input.destroyed).toBe(true);

    const looking = new StdinSource(new PassThrough());
    const look = looking.peekRecord(LINES);
    await looking.close();
    expect(await look).toBeUndefined();
  });

  test('a stream that fails is SOURCE_FAILED, and one with an open quote names stdin', async () => {
    const input = new PassThrough();
    const source = new StdinSource(input);
    source.start({ ...LINES, header: false });
    const pending = failureOf(() => source.read());
    input.destroy(new Error('cable pulled'));
    expect(await pending).toMatchObject({ code: 'SOURCE_FAILED', message: 'cannot read stdin: cable pulled' });
    const open = new StdinSource(stream('a\n"b\n'));
    open.start({ ...CSV, header: false });
    expect((await failureOf(() => readAll(open))).message).toContain('stdin: the quote opened on line 2');
  });
});
