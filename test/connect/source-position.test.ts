import { appendFile, rename, utimes, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { openSource, type SourceDescription } from '../../src/connect/open-source.ts';
import type { Source, SourcePosition } from '../../src/connect/source.ts';
import { steadyRate } from '../../src/job/rate-schedule.ts';
import { scratch } from './scratch.ts';

/** A clock whose every wait is over at once. */
function impatientClock(): Clock {
  let now = 0;
  return {
    now: () => now,
    wait: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  };
}

type Files = Extract<SourceDescription, { kind: 'files' }>;

async function describeFiles(folder: string, contents: readonly Buffer[], reading: Partial<Files>, gzip = false): Promise<Files> {
  const files = await Promise.all(contents.map(async (content, index) => {
    const path = join(folder, `${index}${gzip ? '.gz' : ''}`);
    const stored = gzip ? gzipSync(content) : content;
    await writeFile(path, stored);
    return { path, bytes: stored.length, gzip };
  }));
  return { kind: 'files', files, format: 'lines', header: false, rate: undefined, maxTupleBytes: 1000, ...reading };
}

function open(description: Files, from?: SourcePosition): Source {
  return openSource(description, { clock: impatientClock(), stdin: undefined, from });
}

/** Reads up to so many blocks; gives their bytes and where the source then is. */
async function readSome(source: Source, blocks: number): Promise<{ readonly bytes: Buffer; readonly position: SourcePosition }> {
  const parts: Buffer[] = [];
  for (let block = 0; block < blocks; block++) {
    const read = await source.read(block % 3 === 2);
    if (read === undefined) break;
    parts.push(Buffer.from(read.bytes));
  }
  const position = source.position() as SourcePosition;
  await source.close();
  return { bytes: Buffer.concat(parts), position: JSON.parse(JSON.stringify(position)) as SourcePosition };
}

describe('a source that is read on from a position gives exactly what comes behind it', () => {
  const line = fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[\n"]/g, ''));
  const record = fc.oneof(line, line.map((text) => `"${text}\n",x`));
  const cases = fc.record({
    format: fc.constantFrom('lines' as const, 'csv' as const),
    header: fc.boolean(),
    mark: fc.boolean(),
    gzip: fc.boolean(),
    paced: fc.boolean(),
    open: fc.boolean(),
    files: fc.array(fc.array(record, { maxLength: 30 }), { minLength: 1, maxLength: 3 }),
    blocks: fc.nat({ max: 12 }),
  });

  test('wherever that is, in files of every kind', { timeout: 60_000 }, async () => {
    const folder = await scratch();
    await fc.assert(fc.asyncProperty(cases, async ({ format, header, mark, gzip, paced, open: unended, files, blocks }) => {
      const contents = files.map((records) => {
        const lines = [...(header ? ['a,b'] : []), ...(format === 'csv' ? records : records.map((text) => text.replaceAll('\n', '')))];
        const text = lines.map((text_) => `${text_}\n`).join('');
        return Buffer.from(`${mark && header ? '\ufeff' : ''}${unended && !text.endsWith('\n\n') ? text.slice(0, -1) : text}`);
      });
      const description = await describeFiles(folder, contents, { format, header, rate: paced ? steadyRate(40) : undefined }, gzip);
      const whole = await readSome(open(description), Infinity);
      const first = await readSome(open(description), blocks);
      const second = await readSome(open(description, first.position), Infinity);
      expect(Buffer.concat([first.bytes, second.bytes]).toString()).toBe(whole.bytes.toString());
    }), { numRuns: 150 });
  });
});

describe('a file that is no longer the one that was read', () => {
  async function halfRead(): Promise<{ path: string; description: Files; position: SourcePosition }> {
    const folder = await scratch();
    const description = await describeFiles(folder, [Buffer.from('a\n'.repeat(1_000))], { rate: steadyRate(40) });
    const { position } = await readSome(open(description), 1);
    return { path: description.files[0]?.path ?? '', description, position };
  }

  test('is refused when it was replaced, changed in place, or cut', async () => {
    const replaced = await halfRead();
    await writeFile(`${replaced.path}.new`, 'b\n'.repeat(1_000));
    await rename(`${replaced.path}.new`, replaced.path);
    await expect(open(replaced.description, replaced.position).read()).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringMatching(/was replaced/) });
    const changed = await halfRead();
    await writeFile(changed.path, 'b\n'.repeat(1_000));
    await utimes(changed.path, new Date(), new Date(Date.now() + 60_000));
    await expect(open(changed.description, changed.position).read()).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringMatching(/was changed/) });
    const cut = await halfRead();
    await writeFile(cut.path, 'a\n');
    await expect(open(cut.description, cut.position).read()).rejects.toMatchObject({ code: 'SOURCE_FAILED', message: expect.stringMatching(/was changed/) });
  });

  test('but not when it has only grown', async () => {
    const { path, description, position } = await halfRead();
    await appendFile(path, 'z\n');
    expect((await readSome(open(description, position), Infinity)).bytes.toString()).toMatch(/a\nz\n$/);
  });
});
