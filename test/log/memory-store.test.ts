import { describe, expect, test } from 'vitest';
import { Random } from '../../src/base/random.ts';
import type { Durability, Log, LogStore } from '../../src/log/log.ts';
import { MemoryDisk } from '../../src/log/memory-disk.ts';
import type { MemoryDiskOptions } from '../../src/log/stored-log.ts';
import { describeStore, type MakeStore } from './conformance.ts';
import { readTexts } from './records.ts';

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);

function memoryOf(durability: Durability): MakeStore {
  return async ({ limitBytes = Infinity }) => {
    const disk = new MemoryDisk({ random: new Random(1), durability, limitBytes });
    return async () => disk.connect(queueMicrotask);
  };
}

describeStore('memory, process', memoryOf('process'));
describeStore('memory, host', memoryOf('host'));

/** The steps of one process, done when the test says so. */
class Steps {
  readonly #waiting: (() => void)[] = [];

  readonly defer = (step: () => void): void => void this.#waiting.push(step);

  /** Does so many steps, each with all that follows from it at once. */
  async run(count = Infinity): Promise<void> {
    for (let i = 0; i < count; i++) {
      await settled();
      const step = this.#waiting.shift();
      if (step === undefined) return;
      step();
    }
    await settled();
  }
}

/** Promise reactions are short chains; this many turns are more than any of them has. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function diskOf(seed: number, durability: Durability, options: Partial<MemoryDiskOptions> = {}): { disk: MemoryDisk; random: Random } {
  const random = new Random(seed);
  return { disk: new MemoryDisk({ random, durability, ...options }), random };
}

async function opened(store: LogStore, steps: Steps, attempt: number): Promise<Log> {
  const opening = store.open('log', attempt);
  await steps.run();
  return await opening;
}

/** Appends records that say their number; gives the positions as they are confirmed. */
function appendNumbers(log: Log, count: number): number[] {
  const confirmed: number[] = [];
  for (let i = 0; i < count; i++) {
    const appending = log.append(1, [Buffer.from(`record ${log.next}`)]);
    appending.then((position) => confirmed.push(position), () => undefined);
  }
  return confirmed;
}

/** A new process takes the log over and reads it. */
async function recovered(disk: MemoryDisk, attempt: number): Promise<{ log: Log; texts: string[] }> {
  const log = await disk.connect(queueMicrotask).open('log', attempt);
  return { log, texts: await readTexts(log, 0) };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `record ${i}`);
}

test('nothing happens but what the driver lets happen', async () => {
  const { disk } = diskOf(1, 'process');
  const steps = new Steps();
  const log = await opened(disk.connect(steps.defer), steps, 1);
  const confirmed = appendNumbers(log, 5);
  await settled();
  expect([confirmed, log.durable, disk.usedBytes]).toEqual([[], 0, 0]);
  await steps.run(1);
  expect(confirmed).toEqual([]);
  expect(disk.usedBytes).toBeGreaterThan(0);
  await steps.run();
  expect(confirmed).toEqual([0, 1, 2, 3, 4]);
});

test('one seed, one course of events', async () => {
  const course = async (seed: number): Promise<unknown[]> => {
    const { disk, random } = diskOf(seed, 'host');
    const steps = new Steps();
    const store = disk.connect(steps.defer);
    const confirmed = appendNumbers(await opened(store, steps, 1), 20);
    await steps.run(random.below(12));
    disk.crash();
    const { log, texts } = await recovered(disk, 2);
    return [confirmed, log.tornTail, texts];
  };
  const courses = new Set<string>();
  for (const seed of SEEDS.slice(0, 30)) {
    expect(await course(seed)).toEqual(await course(seed));
    courses.add(JSON.stringify(await course(seed)));
  }
  expect(courses.size).toBeGreaterThan(15);
});

describe.each([
  { crash: 'the process is killed', durability: 'process' },
  { crash: 'the process is killed', durability: 'host' },
  { crash: 'the power fails', durability: 'host' },
] as const)('when $crash with durability $durability', ({ crash, durability }) => {
  test('L4 L9 what was confirmed is there and whole; of the rest a prefix may be, and a torn tail', async () => {
    let [torn, lost, kept] = [0, 0, 0];
    for (const seed of SEEDS) {
      const { disk, random } = diskOf(seed, durability);
      const steps = new Steps();
      const store = disk.connect(steps.defer);
      const confirmed = appendNumbers(await opened(store, steps, 1), 10);
      await steps.run(random.below(15));
      if (crash === 'the power fails') disk.crash();
      else store.kill();
      const confirmedBefore = confirmed.length;
      await steps.run();
      expect(confirmed).toHaveLength(confirmedBefore);
      const { log, texts } = await recovered(disk, 2);
      expect(texts).toEqual(numbered(log.durable));
      expect(log.durable).toBeGreaterThanOrEqual(confirmedBefore);
      if (log.tornTail !== undefined) torn++;
      if (log.durable < 10) lost++;
      if (log.durable > confirmedBefore) kept++;
      expect((await recovered(disk, 3)).log.tornTail).toBeUndefined();
    }
    expect(Math.min(torn, lost, kept)).toBeGreaterThan(10);
  });
});

test('when the power fails with durability process, confirmed records may be lost', async () => {
  const lost = await Promise.all(
    SEEDS.map(async (seed) => {
      const { disk } = diskOf(seed, 'process');
      const steps = new Steps();
      const confirmed = appendNumbers(await opened(disk.connect(steps.defer), steps, 1), 10);
      await steps.run();
      disk.crash();
      const { texts } = await recovered(disk, 2);
      expect(texts).toEqual(numbered(texts.length));
      return confirmed.length - texts.length;
    }),
  );
  expect(lost.filter((count) => count > 0).length).toBeGreaterThan(50);
});

/** Freezes an attempt after some steps, takes the log over, thaws it; gives whether it confirmed what its successor lacks. */
async function confirmedInVain(seed: number, options: Partial<MemoryDiskOptions>): Promise<boolean> {
  const { disk, random } = diskOf(seed, 'process', options);
  const steps = new Steps();
  const confirmed = appendNumbers(await opened(disk.connect(steps.defer), steps, 1), 10);
  await steps.run(random.below(15));
  const young = new Steps();
  const opening = disk.connect(young.defer).open('log', 2);
  await young.run(1);
  await steps.run(random.below(3));
  await young.run();
  const successor = await opening;
  await steps.run();
  const { log } = await recovered(disk, 3);
  expect(log.durable).toBe(successor.durable);
  return confirmed.length > successor.durable;
}

test('L6 a frozen and thawed attempt confirms only what its successor found', async () => {
  for (const seed of SEEDS) expect([seed, await confirmedInVain(seed, {})]).toEqual([seed, false]);
});

test('without the second look at the owner it would confirm what is lost', async () => {
  const broken = await Promise.all(SEEDS.map((seed) => confirmedInVain(seed, { rechecksOwner: false })));
  expect(broken.filter(Boolean).length).toBeGreaterThan(20);
});
