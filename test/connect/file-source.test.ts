import { spawn, execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FileSource } from '../../src/connect/file-source.ts';
import { findFiles, type FileEntry } from '../../src/connect/find-files.ts';
import { readFirstRecord } from '../../src/connect/read-header.ts';
import type { Format } from '../../src/job/stage-spec.ts';
import { entry, failureOf, readAll, scratch } from './scratch.ts';

const MAX_TUPLE_BYTES = 1024 * 1024;
/** More than one read of 256 KiB. */
const LARGE = Array.from({ length: 60_000 }, (_, i) => `row ${i},${'x'.repeat(i % 17)}\n`).join('');
const BOM = '\uFEFF';

function source(files: readonly FileEntry[], options: { format?: Format; header?: boolean; maxTupleBytes?: number } = {}): FileSource {
  return new FileSource({ files, format: 'lines', header: false, maxTupleBytes: MAX_TUPLE_BYTES, ...options });
}

async function text(files: readonly FileEntry[], options: { format?: Format; header?: boolean } = {}): Promise<string> {
  return (await readAll(source(files, options))).toString();
}

describe('files', () => {
  test('are read one after the other; each end completes a last line', async () => {
    const dir = await scratch();
    const files = [await entry(dir, 'a', 'one\ntwo'), await entry(dir, 'empty', ''), await entry(dir, 'b', 'three\n')];
    expect(await text(files)).toBe('one\ntwo\nthree\n');
  });

  test('of any size come back byte for byte', async () => {
    const dir = await scratch();
    expect(await text([await entry(dir, 'large', LARGE)])).toBe(LARGE);
  });

  test('may hold NUL, CR, invalid UTF-8 and a byte order mark', async () => {
    const dir = await scratch();
    const bytes = Buffer.concat([Buffer.from(BOM), Buffer.from([0, 13, 10, 0xff, 0xc3, 10, 13, 13, 10])]);
    expect(await readAll(source([await entry(dir, 'a', bytes)]))).toEqual(bytes);
  });

  test('that are none or empty have no tuples', async () => {
    const dir = await scratch();
    expect(await text([])).toBe('');
    expect(await text([await entry(dir, 'empty', '')], { header: true })).toBe('');
  });

  test('in csv keep a record with newlines inside quotes together', async () => {
    const dir = await scratch();
    const reading = source([await entry(dir, 'a.csv', 'a,"b\nc"\nd,e\n')], { format: 'csv' });
    expect((await reading.read())?.count).toBe(2);
    await reading.close();
  });
});

describe('compressed files', () => {
  test('are unpacked, all members of them, also between others', async () => {
    const dir = await scratch();
    const members = Buffer.concat([gzipSync('one\n'), gzipSync(''), gzipSync('two\nth'), gzipSync('ree')]);
    const files = [await entry(dir, 'a.gz', members), await entry(dir, 'b', 'four\n'), await entry(dir, 'c.gz', gzipSync(LARGE))];
    expect(await text(files)).toBe(`one\ntwo\nthree\nfour\n${LARGE}`);
  });

  test('that were written in many members larger than a read come back whole', async () => {
    const dir = await scratch();
    const member = gzipSync(LARGE, { level: 0 });
    expect(await text([await entry(dir, 'a.gz', Buffer.concat([member, member, member]))])).toBe(LARGE + LARGE + LARGE);
  });

  test('may be padded with zeros', async () => {
    const dir = await scratch();
    expect(await text([await entry(dir, 'a.gz', Buffer.concat([gzipSync('one\n'), Buffer.alloc(600_000)]))])).toBe('one\n');
  });

  test('that are damaged anywhere fail and are named, and never give less without a word', async () => {
    const dir = await scratch();
    const whole = Buffer.concat([gzipSync(LARGE), gzipSync('two\n')]);
    const damages: Record<string, Buffer> = {
      truncated: whole.subarray(0, -5),
      'cut in the first member': whole.subarray(0, 1000),
      'one byte of a second member': Buffer.concat([gzipSync('one\n'), Buffer.of(0x1f)]),
      'text behind it': Buffer.concat([whole, Buffer.from('text')]),
      'a member behind zeros': Buffer.concat([gzipSync('one\n'), Buffer.alloc(10), gzipSync('two\n')]),
      'a member behind many zeros': Buffer.concat([gzipSync('one\n'), Buffer.alloc(600_000), gzipSync('two\n')]),
      'no gzip at all': Buffer.from('plain text\n'),
      empty: Buffer.alloc(0),
    };
    for (const [name, bytes] of Object.entries(damages)) {
      const file = await entry(dir, `${name}.gz`, bytes);
      const failure = await failureOf(() => readAll(source([file])));
      expect(failure.code, name).toBe('SOURCE_FAILED');
      expect(failure.message, name).toContain(`cannot read ${file.path}: `);
    }
  });

  test('with any byte flipped fail or give the same tuples', async () => {
    const dir = await scratch();
    const packed = gzipSync('alpha,1\nbeta,2\ngamma,3\n');
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
        const bytes = Buffer.from(packed);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        const file = await entry(dir, 'a.gz', bytes);
        try {
          expect((await readAll(source([file]))).toString()).toBe('alpha,1\nbeta,2\ngamma,3\n');
        } catch (error) {
          expect(error).toMatchObject({ code: 'SOURCE_FAILED' });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('headers', () => {
  test('are dropped from every file, also an empty and a compressed one', async () => {
    const dir = await scratch();
    const files = [
      await entry(dir, 'empty.csv', ''),
      await entry(dir, 'a.csv', 'k,v\n1,2\n'),
      await entry(dir, 'b.csv', `${BOM}k,v\r\n3,4`),
      await entry(dir, 'only.csv', 'k,v'),
      await entry(dir, 'c.csv.gz', gzipSync('k,v\n5,6\n')),
    ];
    expect(await text(files, { format: 'csv', header: true })).toBe('1,2\n3,4\n5,6\n');
  });

  test('may be quoted behind a byte order mark and hold newlines', async () => {
    const dir = await scratch();
    expect(await text([await entry(dir, 'a.csv', `${BOM}"k\nk",v\n1,2\n`)], { format: 'csv', header: true })).toBe('1,2\n');
  });

  test('that differ are an error that names both files', async () => {
    const dir = await scratch();
    const [a, b] = [await entry(dir, 'a.csv', 'k,v\n1,2\n'), await entry(dir, 'b.csv', 'k,w\n3,4\n')];
    const failure = await failureOf(() => text([a, b], { format: 'csv', header: true }));
    expect(failure).toMatchObject({ code: 'SOURCE_FORMAT', message: `the header of ${b.path} differs from the one of ${a.path}` });
  });

  test('longer than a read are one record', async () => {
    const dir = await scratch();
    const long = 'h'.repeat(600_000);
    expect(await text([await entry(dir, 'a', `${long}\nrow\n`)], { header: true })).toBe('row\n');
  });

  test('readFirstRecord gives the first record there is, without newline and byte order mark', async () => {
    const dir = await scratch();
    const first = async (...files: FileEntry[]) => (await readFirstRecord(files, 'csv', MAX_TUPLE_BYTES))?.toString();
    const empty = await entry(dir, 'empty.csv', '');
    expect(await first(await entry(dir, 'a.csv', `${BOM}"a\nb",c\r\n1,2\n`))).toBe('"a\nb",c\r');
    expect(await first(empty, await entry(dir, 'b.csv', 'k'))).toBe('k');
    expect(await first(await entry(dir, 'c.csv.gz', gzipSync('\nx\n')))).toBe('');
    expect(await first(empty)).toBeUndefined();
    expect(await first()).toBeUndefined();
    expect(await first(await entry(dir, 'm.csv', Buffer.from([0xef, 0xbb])))).toHaveLength(1);
  });
});

describe('failures', () => {
  test('of a file that has gone name it', async () => {
    const dir = await scratch();
    const file = await entry(dir, 'a', 'x\n');
    await rm(file.path);
    expect(await failureOf(() => text([file]))).toMatchObject({
      code: 'SOURCE_FAILED',
      message: `cannot read ${file.path}: no such file or directory (ENOENT)`,
    });
  });

  test('of tuples name file and line, counted per file', async () => {
    const dir = await scratch();
    const [a, b] = [await entry(dir, 'a.csv', '1\n2\n3\n'), await entry(dir, 'b.csv', '1\n"2\n')];
    const failure = await failureOf(() => text([a, b], { format: 'csv' }));
    expect(failure.code).toBe('UNCLOSED_QUOTE');
    expect(failure.message).toContain(`${b.path}: the quote opened on line 2`);
    const long = await entry(dir, 'long', `a\n${'x'.repeat(100)}\n`);
    const tooLong = await failureOf(() => readAll(source([long], { maxTupleBytes: 99 })));
    expect(tooLong).toMatchObject({ code: 'TUPLE_TOO_LONG' });
    expect(tooLong.message).toContain(long.path);
  });
});

describe('progress and closing', () => {
  test('progress counts bytes as stored and ends at the total', async () => {
    const dir = await scratch();
    const files = [await entry(dir, 'a.gz', gzipSync(LARGE)), await entry(dir, 'b', 'xyz\n')];
    const reading = source(files);
    expect(reading.progress()).toEqual({ doneBytes: 0, totalBytes: (files[0]?.bytes ?? 0) + 4 });
    await readAll(reading);
    expect(reading.progress().doneBytes).toBe(reading.progress().totalBytes);
  });

  test('a source that is not read reads nothing ahead but what gunzip holds', async () => {
    const dir = await scratch();
    const noise = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i % 64 === 63 ? 10 : 97 + ((i * i) % 23))));
    const plain = source([await entry(dir, 'a', noise)]);
    await plain.read();
    expect(plain.progress().doneBytes).toBe(256 * 1024);
    await plain.close();
    const packed = source([await entry(dir, 'b.gz', gzipSync(noise, { level: 0 }))]);
    await packed.read();
    await new Promise((resolve) => setImmediate(resolve));
    expect(packed.progress().doneBytes).toBeLessThanOrEqual(4 * 256 * 1024);
    await packed.close();
  });

  test('close at any moment ends a pending read with undefined, twice as well', async () => {
    const dir = await scratch();
    for (const file of [await entry(dir, 'a', LARGE), await entry(dir, 'b.gz', gzipSync(LARGE))]) {
      for (const reads of [0, 1, 2]) {
        const reading = source([file, file]);
        for (let i = 0; i < reads; i++) await reading.read();
        const pending = reading.read();
        await reading.close();
        await reading.close();
        expect(await pending).toBeUndefined();
        expect(await reading.read()).toBeUndefined();
      }
    }
  });

  test('a record that is cut by close is not completed, nor its open quote an error', async () => {
    const dir = await scratch();
    const reading = source([await entry(dir, 'a.csv', `"${'x'.repeat(800_000)}`)], { format: 'csv' });
    const pending = reading.read();
    await reading.close();
    expect(await pending).toBeUndefined();
  });
});

describe('streams', () => {
  test('a named pipe is read to its end, plain and compressed', async () => {
    const dir = await scratch({ 'data.gz': gzipSync(LARGE), data: LARGE });
    for (const name of ['pipe', 'pipe.gz']) {
      execFileSync('mkfifo', [join(dir, name)]);
      const files = await findFiles([name], dir);
      const writer = spawn('cp', [join(dir, name.replace('pipe', 'data')), join(dir, name)], { stdio: 'ignore' });
      expect(await text(files)).toBe(LARGE);
      if (writer.exitCode === null) await new Promise((resolve) => writer.once('exit', resolve));
      expect(source(files).progress().totalBytes).toBeUndefined();
    }
  });

  test('a named pipe nobody writes to can be closed', async () => {
    const dir = await scratch();
    execFileSync('mkfifo', [join(dir, 'pipe')]);
    const reading = source(await findFiles(['pipe'], dir));
    const pending = reading.read();
    await new Promise((resolve) => setImmediate(resolve));
    await reading.close();
    expect(await pending).toBeUndefined();
  });

  test('/dev/null has no tuples', async () => {
    expect(await text(await findFiles(['/dev/null'], '/'))).toBe('');
  });
});
