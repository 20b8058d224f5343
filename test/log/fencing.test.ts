/** Processes that are frozen, killed and replaced while they append. */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Durability, Log } from '../../src/log/log.ts';
import { scratch } from '../connect/scratch.ts';
import { appendTexts, payload, readAll, sizeOf } from './records.ts';

const WRITER = fileURLToPath(new URL('log-writer.ts', import.meta.url));

interface Writer {
  readonly process: ChildProcess;
  readonly lines: Interface;
  /** All lines that it has printed and we have read. */
  readonly printed: string[];
}

function startWriter(folder: string, durability: Durability, stopAt = 0, shell = 'exec "$@"'): Writer {
  const command = [process.execPath, WRITER, folder, durability, '1', String(stopAt)];
  const child = spawn('bash', ['-c', shell, 'bash', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const printed: string[] = [];
  lines.on('line', (line) => printed.push(line));
  return { process: child, lines, printed };
}

async function linesPrinted(writer: Writer, count: number): Promise<void> {
  while (writer.printed.length < count) await new Promise((resolve) => writer.lines.once('line', resolve));
}

async function ended(writer: Writer): Promise<void> {
  await new Promise((resolve) => writer.lines.once('close', resolve));
}

async function stopped({ process: { pid } }: Writer): Promise<void> {
  while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ')) await new Promise((resolve) => setImmediate(resolve));
}

async function takeOver(folder: string, durability: Durability, attempt: number): Promise<Log> {
  return await (await DiskStore.open({ folder, durability, segmentBytes: 100_000 })).open('log', attempt);
}

async function expectWritersRecords(log: Log, end: number): Promise<void> {
  for (const { position, payload: found } of (await readAll(log, 0)).slice(0, end)) {
    expect(found.equals(payload(sizeOf(position)))).toBe(true);
  }
}

/** Takes the log over from a frozen writer, lets that go on, and checks what both of them believe. */
async function expectFenced(writer: Writer, folder: string, durability: Durability): Promise<{ found: number; confirmed: number }> {
  await stopped(writer);
  const young = await takeOver(folder, durability, 2);
  const found = young.durable;
  await expectWritersRecords(young, found);
  await appendTexts(young, ['young', 'and younger']);
  writer.process.kill('SIGCONT');
  await ended(writer);
  expect(writer.printed.at(-1)).toBe('LOG_FENCED');
  // In order, and not one that the successor did not find.
  expect(writer.printed.slice(0, -1)).toEqual(Array.from({ length: writer.printed.length - 1 }, (_, i) => String(i)));
  expect(writer.printed.length - 1).toBeLessThanOrEqual(found);
  const third = await takeOver(folder, durability, 3);
  const records = await readAll(third, 0);
  expect(records.slice(found).map(({ payload: { length }, position }) => [position, length])).toEqual([
    [found, 5],
    [found + 1, 11],
  ]);
  await expectWritersRecords(third, found);
  await Promise.all([young.close(), third.close()]);
  return { found, confirmed: writer.printed.length - 1 };
}

describe.skipIf(process.platform !== 'linux').each(['process', 'host'] as const)('durability %s', (durability) => {
  test.each([1, 30, 100, 271])('L6 a process frozen after %i confirmed appends confirms nothing once it is thawed', async (count) => {
    const folder = await scratch();
    const writer = startWriter(folder, durability);
    await linesPrinted(writer, count);
    writer.process.kill('SIGSTOP');
    await expectFenced(writer, folder, durability);
  });

  // The first look is that of `open`; each one after it stands between a write and its confirmation.
  test.each([2, 5, 40])('L6 a process frozen at its look number %i at the owner does not confirm what it had written', async (look) => {
    const folder = await scratch();
    const { found, confirmed } = await expectFenced(startWriter(folder, durability, look), folder, durability);
    expect(confirmed).toBeLessThan(found);
  });

  test('L6 a process frozen while it opens a log does not get it', async () => {
    const folder = await scratch();
    expect(await expectFenced(startWriter(folder, durability, 1), folder, durability)).toEqual({ found: 0, confirmed: 0 });
  });

  test.each([1, 50, 333])('L4 L5 after kill -9 at %i confirmed appends all of them are there, whole', async (count) => {
    const folder = await scratch();
    const writer = startWriter(folder, durability);
    await linesPrinted(writer, count);
    writer.process.kill('SIGKILL');
    await ended(writer);
    const log = await takeOver(folder, durability, 2);
    expect(log.durable).toBeGreaterThanOrEqual(writer.printed.length);
    await expectWritersRecords(log, log.durable);
    await log.close();
  });

  test('L3 a file that may not grow any more fails the append, says why, and keeps what was confirmed', async () => {
    const folder = await scratch();
    const writer = startWriter(folder, durability, 0, 'ulimit -f 64; exec "$@"');
    await ended(writer);
    expect(writer.printed.at(-1)).toBe('STORE_FAILED');
    const log = await takeOver(folder, durability, 2);
    expect(log.durable).toBeGreaterThanOrEqual(writer.printed.length - 1);
    await expectWritersRecords(log, log.durable);
    await log.close();
  });
});
