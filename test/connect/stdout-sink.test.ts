import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { openSink } from '../../src/connect/open-sink.ts';
import { PipeSink } from '../../src/connect/pipe-sink.ts';
import { StdoutSink } from '../../src/connect/stdout-sink.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { failureOf, scratch } from './scratch.ts';

const tuples = (text: string) => [Buffer.from(text)];

/** A stream that fails each write with this code. */
function failing(code: string): Writable {
  return new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error(code), { code }));
    },
  });
}

describe('stdout as sink', () => {
  test('gets the header once, then the tuples, and is never closed', async () => {
    const stream = new PassThrough();
    const sink = await openSink({ kind: 'stdout', headerRow: 'k' }, { clock: systemClock, stdout: stream });
    expect(stream.readableLength).toBe(0);
    expect(await sink.write([Buffer.from('1\n'), Buffer.from('2\n')])).toBe('open');
    expect(await sink.write(tuples('3\n'))).toBe('open');
    await sink.finish();
    await sink.publish();
    await sink.abandon();
    expect(stream.read()?.toString()).toBe('k\n1\n2\n3\n');
    expect(stream.writableEnded || stream.destroyed).toBe(false);
  });

  test('gets the header without tuples as well, but not from a job that failed at once', async () => {
    const stream = new PassThrough();
    const failed = new StdoutSink(stream, 'failed');
    await failed.abandon();
    const empty = new StdoutSink(stream, 'empty');
    await empty.finish();
    expect(stream.read()?.toString()).toBe('empty\n');
  });

  test('makes the writer wait until the bytes are out, and abandon ends the wait', async () => {
    let release: () => void = () => undefined;
    const stream = new Writable({ highWaterMark: 1_000_000, write: (_chunk, _encoding, done) => void (release = () => done()) });
    const sink = new StdoutSink(stream, undefined);
    let written = false;
    const write = sink.write(tuples('x\n')).then((state) => {
      written = true;
      return state;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBe(false);
    release();
    expect(await write).toBe('open');
    const stuck = sink.write(tuples('y\n'));
    await sink.abandon();
    expect(await stuck).toBe('closed');
  });

  test('whose reader has gone is closed, then and afterwards', async () => {
    for (const code of ['EPIPE', 'ECONNRESET']) {
      const sink = new StdoutSink(failing(code), undefined);
      expect(await sink.write([Buffer.from('x\n'), Buffer.from('y\n')])).toBe('closed');
      expect(await sink.write(tuples('x\n'))).toBe('closed');
      await sink.finish();
    }
    const destroyed = new PassThrough();
    destroyed.destroy();
    expect(await new StdoutSink(destroyed, 'h').write(tuples('x\n'))).toBe('closed');
  });

  test('that fails otherwise is SINK_FAILED', async () => {
    const sink = new StdoutSink(failing('ENOSPC'), undefined);
    expect(await failureOf(() => sink.write(tuples('x\n')))).toMatchObject({ code: 'SINK_FAILED' });
  });

  test('of a real process whose reader leaves early is closed and ends quietly', async () => {
    const script = `
      import { StdoutSink } from '${new URL('../../src/connect/stdout-sink.ts', import.meta.url).href}';
      const sink = new StdoutSink(process.stdout, undefined);
      const block = Buffer.from('tuple\\n'.repeat(20_000));
      let writes = 0;
      while ((await sink.write([block])) === 'open') writes++;
      await sink.finish();
      process.stderr.write('closed');
    `;
    const child = spawn('bash', ['-c', `"${process.execPath}" --input-type=module-typescript -e "$0" | head -n 2`, script]);
    const out: string[] = [];
    const err: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk.toString()));
    await once(child, 'close');
    expect(out.join('')).toBe('tuple\ntuple\n');
    expect(err.join('')).toBe('closed');
  });
});

describe('a named pipe as sink', () => {
  async function pipe(): Promise<{ folder: string; path: string }> {
    const folder = await scratch();
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    return { folder, path: join(folder, 'pipe') };
  }

  test('waits for its reader, then gives it everything and the end', async () => {
    const { folder, path } = await pipe();
    const opening = openSink({ kind: 'device', path, headerRow: 'h' }, { clock: systemClock, stdout: undefined });
    const reader = spawn('bash', ['-c', `cat "$0/pipe" > "$0/copy"`, folder]);
    const sink = await opening;
    const block = Buffer.alloc(1_000_000, 'x');
    for (let i = 0; i < 5; i++) expect(await sink.write([block, Buffer.from('\n')])).toBe('open');
    await sink.finish();
    await sink.publish();
    if (reader.exitCode === null) await once(reader, 'exit');
    const copy = await readFile(join(folder, 'copy'));
    expect(copy.length).toBe(2 + 5 * 1_000_001);
  });

  test('whose reader leaves is closed, and one that reads nothing can be abandoned', async () => {
    const { path } = await pipe();
    const leaving = spawn('head', ['-c', '10', path], { stdio: 'ignore' });
    const sink = await PipeSink.open(path, undefined, systemClock);
    const block = Buffer.alloc(1_000_000, 'x');
    while ((await sink.write([block])) === 'open');
    await sink.finish();
    if (leaving.exitCode === null) await once(leaving, 'exit');

    const stuck = spawn('bash', ['-c', 'exec 3< "$0"; read -r', path]);
    const slow = await PipeSink.open(path, undefined, systemClock);
    const pending = slow.write([block]);
    await slow.abandon();
    expect(await pending).toBe('closed');
    stuck.stdin.end();
    if (stuck.exitCode === null) await once(stuck, 'exit');
  });

  test('that nobody reads fails after a minute, saying so', async () => {
    const { path } = await pipe();
    const failure = await failureOf(() => PipeSink.open(path, undefined, new FakeClock()));
    expect(failure).toMatchObject({ code: 'SINK_FAILED', message: `nobody reads the named pipe ${path}` });
  });
});
