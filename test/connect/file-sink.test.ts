import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { DeviceSink } from '../../src/connect/device-sink.ts';
import { FileSink } from '../../src/connect/file-sink.ts';
import { openSink } from '../../src/connect/open-sink.ts';
import { abandonFolder, prepareFolder, publishFolder, unpublishFolder } from '../../src/connect/part-folder.ts';
import { failureOf, scratch } from './scratch.ts';

const SURROUNDINGS = { clock: systemClock, stdout: undefined };
const tuples = (text: string) => [Buffer.from(text)];

describe('a file as sink', () => {
  test('appears under its name only when it is published', async () => {
    const folder = await scratch({ out: 'old' });
    const path = join(folder, 'out');
    const sink = await openSink({ kind: 'file', path, headerRow: 'k,v' }, SURROUNDINGS);
    expect(await sink.write([Buffer.from('1,2\n'), Buffer.alloc(0), Buffer.from('\0\xff\n', 'latin1')])).toBe('open');
    expect(await sink.write([])).toBe('open');
    await sink.finish();
    await sink.finish();
    expect(await readFile(path, 'utf8')).toBe('old');
    await sink.publish();
    await sink.publish();
    expect(await readFile(path)).toEqual(Buffer.concat([Buffer.from('k,v\n1,2\n'), Buffer.from([0, 0xff, 10])]));
    expect(await readdir(folder)).toEqual(['out']);
  });

  test('without tuples is an empty file, or its header', async () => {
    const folder = await scratch();
    for (const [name, headerRow] of [['a', undefined], ['b', 'h']] as const) {
      const sink = await FileSink.open(join(folder, name), headerRow);
      await sink.finish();
      await sink.publish();
    }
    expect(await readFile(join(folder, 'a'), 'utf8')).toBe('');
    expect(await readFile(join(folder, 'b'), 'utf8')).toBe('h\n');
  });

  test('takes more buffers at once than one system call does', async () => {
    const folder = await scratch();
    const sink = await FileSink.open(join(folder, 'out'), undefined);
    const buffers = Array.from({ length: 5000 }, (_, i) => Buffer.from(`${i}\n`));
    await sink.write(buffers);
    await sink.finish();
    await sink.publish();
    expect(await readFile(join(folder, 'out'))).toEqual(Buffer.concat(buffers));
  });

  test('replaces a left-over partial file, and does not write through a link in its place', async () => {
    const folder = await scratch({ 'out.partial': 'left over, longer than the new content', precious: 'precious' });
    for (const linked of [false, true]) {
      if (linked) await symlink(join(folder, 'precious'), join(folder, 'out.partial'));
      const sink = await FileSink.open(join(folder, 'out'), undefined);
      await sink.write(tuples('new\n'));
      await sink.finish();
      await sink.publish();
      expect(await readFile(join(folder, 'out'), 'utf8')).toBe('new\n');
    }
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('precious');
  });

  test('abandoned at any moment leaves nothing behind, and the old file as it was', async () => {
    const steps: readonly ((sink: FileSink) => unknown)[] = [
      () => undefined,
      (sink) => sink.write(tuples('x\n')),
      async (sink) => {
        await sink.write(tuples('x\n'));
        await sink.finish();
      },
      (sink) => void sink.write([Buffer.alloc(1_000_000)]),
      (sink) => void sink.finish(),
    ];
    for (const step of steps) {
      const folder = await scratch({ out: 'old' });
      const sink = await FileSink.open(join(folder, 'out'), undefined);
      await step(sink);
      await Promise.all([sink.abandon(), sink.abandon()]);
      expect(await readdir(folder)).toEqual(['out']);
      expect(await readFile(join(folder, 'out'), 'utf8')).toBe('old');
      expect(await sink.write(tuples('late\n'))).toBe('closed');
      await expect(sink.publish()).rejects.toThrow('invariant');
    }
  });

  test('abandoned once published, or while it is, keeps what is published', async () => {
    for (const wait of [true, false]) {
      const folder = await scratch();
      const sink = await FileSink.open(join(folder, 'out'), undefined);
      await sink.write(tuples('x\n'));
      await sink.finish();
      const published = sink.publish();
      if (wait) await published;
      await sink.abandon();
      await published;
      expect(await readdir(folder)).toEqual(['out']);
    }
  });

  test('is not published before it is finished', async () => {
    const folder = await scratch();
    const sink = await FileSink.open(join(folder, 'out'), undefined);
    await expect(sink.publish()).rejects.toThrow('invariant');
    await sink.abandon();
    expect(await readdir(folder)).toEqual([]);
  });

  test('that cannot be begun or renamed fails with path and reason, and can still be abandoned', async () => {
    const folder = await scratch();
    const missing = join(folder, 'no', 'out');
    expect(await failureOf(() => FileSink.open(missing, undefined))).toMatchObject({
      code: 'SINK_FAILED',
      message: `cannot write ${missing}: no such file or directory (ENOENT)`,
    });
    const sink = await FileSink.open(join(folder, 'out'), undefined);
    await mkdir(join(folder, 'out'));
    await sink.finish();
    expect((await failureOf(() => sink.publish())).message).toContain(`cannot write ${join(folder, 'out')}: `);
    await sink.abandon();
    expect(await readdir(folder)).toEqual(['out']);
  });
});

describe('a device as sink', () => {
  test('takes everything and needs no rename', async () => {
    const sink = await openSink({ kind: 'device', path: '/dev/null', headerRow: 'h' }, SURROUNDINGS);
    expect(await sink.write(tuples('x\n'))).toBe('open');
    await sink.finish();
    await sink.publish();
    await sink.abandon();
    expect(await sink.write(tuples('x\n'))).toBe('closed');
  });

  test.skipIf(!existsSync('/dev/full'))('that is full fails with path, reason and what to do', async () => {
    const sink = await DeviceSink.open('/dev/full', undefined);
    const failure = await failureOf(() => sink.write(tuples('x\n')));
    expect(failure).toMatchObject({ code: 'SINK_FAILED', message: 'cannot write /dev/full: no space left on device (ENOSPC)' });
    expect(failure.hint).toContain('Free some space');
    await sink.abandon();
    expect(await failureOf(() => DeviceSink.open('/dev/full', 'header'))).toMatchObject({ code: 'SINK_FAILED' });
  });
});

describe('a folder of parts', () => {
  const part = (folder: string, index: number) => openSink({ kind: 'part', folder, index, headerRow: 'h' }, SURROUNDINGS);

  test('gets one file per task, each with the header, and the mark of success last', async () => {
    const folder = join(await scratch(), 'out');
    expect(await prepareFolder(folder)).toBe(true);
    const parts = await Promise.all([part(folder, 0), part(folder, 1)]);
    for (const [index, sink] of parts.entries()) {
      await sink.write(tuples(`${index}\n`));
      await sink.finish();
    }
    expect((await readdir(folder)).sort()).toEqual(['part-00000.partial', 'part-00001.partial']);
    await unpublishFolder(folder);
    for (const sink of parts) await sink.publish();
    expect((await readdir(folder)).sort()).toEqual(['part-00000', 'part-00001']);
    await publishFolder(folder, 2);
    expect((await readdir(folder)).sort()).toEqual(['_SUCCESS', 'part-00000', 'part-00001']);
    expect(await readFile(join(folder, 'part-00001'), 'utf8')).toBe('h\n1\n');
  });

  test('replaces an older result when it is published, and touches no other file', async () => {
    const others = ['notes.txt', 'part-x', 'part-1', 'part-00000.csv', 'part-r-00001', '.hidden'];
    const files = ['_SUCCESS', 'part-00000', 'part-00001', 'part-00002', 'part-123456', 'part-00007.partial', ...others];
    const root = await scratch(Object.fromEntries(files.map((name) => [`out/${name}`, 'old'])));
    const folder = join(root, 'out');
    expect(await prepareFolder(folder)).toBe(false);
    const sink = await part(folder, 0);
    await sink.finish();
    expect(await readFile(join(folder, '_SUCCESS'), 'utf8')).toBe('old');
    await unpublishFolder(folder);
    expect(existsSync(join(folder, '_SUCCESS'))).toBe(false);
    await sink.publish();
    await publishFolder(folder, 1);
    expect((await readdir(folder)).sort()).toEqual(['_SUCCESS', 'part-00000', ...others].sort());
    expect(await readFile(join(folder, '_SUCCESS'), 'utf8')).toBe('');
    expect(await readFile(join(folder, 'part-00000'), 'utf8')).toBe('h\n');
  });

  test('that is abandoned is removed if it was made for the job, and only then', async () => {
    const root = await scratch({ 'mine/keep': '' });
    await mkdir(join(root, 'empty'));
    for (const name of ['new', 'empty', 'mine']) {
      const folder = join(root, name);
      const made = await prepareFolder(folder);
      const sink = await part(folder, 3);
      await sink.abandon();
      await abandonFolder(folder, made);
      await abandonFolder(folder, made);
    }
    expect((await readdir(root)).sort()).toEqual(['empty', 'mine']);
    expect(await readdir(join(root, 'mine'))).toEqual(['keep']);
  });

  test('is made by a part where nobody else has made it, and failures name the path', async () => {
    const root = await scratch({ file: '' });
    await (await part(join(root, 'out'), 0)).abandon();
    expect(await readdir(join(root, 'out'))).toEqual([]);
    const missing = join(root, 'no', 'out');
    expect((await failureOf(() => part(missing, 0))).message).toContain(missing);
    expect((await failureOf(() => prepareFolder(missing))).message).toContain(missing);
    expect((await failureOf(() => part(join(root, 'file'), 0))).message).toContain(join(root, 'file', 'part-00000'));
    await rename(join(root, 'out'), join(root, 'gone'));
    await rm(join(root, 'gone'), { recursive: true });
    expect((await failureOf(() => publishFolder(join(root, 'out'), 1))).message).toContain(join(root, 'out'));
  });
});
