/** What every store behind the `Log` port keeps. Numbers in names are those of the invariants in `src/log/log.ts`. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import type { Log, LogStore } from '../../src/log/log.ts';
import { failureOf } from '../connect/scratch.ts';
import { appendTexts, payload, readAll, readTexts } from './records.ts';

interface StoreOptions {
  readonly limitBytes?: number;
  /** Where the store writes in pieces: how large they are. */
  readonly segmentBytes?: number;
}

/** One store, and a function that opens it as another process would. */
export type MakeStore = (options: StoreOptions) => Promise<() => Promise<LogStore>>;

export function describeStore(kind: string, make: MakeStore): void {
  const opened = async (options: StoreOptions = {}): Promise<LogStore> => await (await make(options))();

  describe(`${kind}: appending and reading`, () => {
    test('L1 L2 appends get 0, 1, 2 … and resolve in the order of the calls', async () => {
      const log = await (await opened()).open('log', 1);
      const settled: number[] = [];
      const appends = Array.from({ length: 50 }, (_, i) => log.append(1, [payload(i)]).then((position) => settled.push(position)));
      expect([log.first, log.durable, log.next]).toEqual([0, 0, 50]);
      await Promise.all(appends);
      expect(settled).toEqual(Array.from({ length: 50 }, (_, i) => i));
      expect([log.first, log.durable, log.next]).toEqual([0, 50, 50]);
      await log.close();
    });

    test('L5 type and payload come back, the parts in one piece, an empty payload as such', async () => {
      const log = await (await opened()).open('log', 1);
      await log.append(0, []);
      await log.append(255, [Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')]);
      const records = await readAll(log, 0);
      expect(records).toEqual([
        { position: 0, type: 0, payload: Buffer.alloc(0) },
        { position: 1, type: 255, payload: Buffer.from('abc') },
      ]);
      await log.close();
    });

    test('reading begins where it is told to and ends with what was durable at the call', async () => {
      const log = await (await opened({ segmentBytes: 100 })).open('log', 1);
      await appendTexts(log, ['a', 'b', 'c', 'd']);
      const reading = log.read(2);
      await appendTexts(log, ['e']);
      const texts: string[] = [];
      for await (const record of reading) texts.push(record.payload.toString());
      expect(texts).toEqual(['c', 'd']);
      expect(await readTexts(log, 4)).toEqual(['e']);
      expect(await readTexts(log, 5)).toEqual([]);
      await log.close();
    });

    test('reading may stop early, and go on beside appends', async () => {
      const log = await (await opened()).open('log', 1);
      await appendTexts(log, ['a', 'b', 'c']);
      for await (const { position } of log.read(0)) if (position === 1) break;
      const more = log.append(1, [Buffer.from('d')]);
      expect(await readTexts(log, 0)).toEqual(['a', 'b', 'c']);
      await more;
      expect(await readTexts(log, 0)).toEqual(['a', 'b', 'c', 'd']);
      await log.close();
    });

    test('L5 records of any size, smaller and larger than a segment', async () => {
      const store = await make({ segmentBytes: 200_000 });
      const sizes = [0, 1, 65_535, 65_536, 65_537, 199_999, 200_000, 1_500_000, 3, 2_100_000];
      const log = await (await store()).open('log', 1);
      await Promise.all(sizes.map((size, i) => log.append(i, [payload(size)])));
      await log.close();
      const again = await (await store()).open('log', 2);
      const records = await readAll(again, 0);
      expect(records.map(({ type }) => type)).toEqual(sizes.map((_, i) => i));
      for (const [i, record] of records.entries()) expect(record.payload.equals(payload(sizes[i] ?? -1))).toBe(true);
      await again.close();
    });

    test('many logs at once, each in its own order', async () => {
      const store = await opened({ segmentBytes: 500 });
      const logs = await Promise.all(Array.from({ length: 200 }, (_, i) => store.open(`log ${i}`, 1)));
      await Promise.all(logs.flatMap((log) => Array.from({ length: 20 }, (_, i) => log.append(1, [Buffer.from(`${log.name}: ${i}`)]))));
      for (const log of logs) expect(await readTexts(log, 0)).toEqual(Array.from({ length: 20 }, (_, i) => `${log.name}: ${i}`));
      await Promise.all(logs.map((log) => log.close()));
    });

    test('closing waits for the appends under way; a closed log takes no more', async () => {
      const store = await make({});
      const log = await (await store()).open('log', 1);
      const appends = ['a', 'b'].map((text) => log.append(1, [Buffer.from(text)]));
      await log.close();
      await log.close();
      expect(await Promise.all(appends)).toEqual([0, 1]);
      await expect(log.append(1, [])).rejects.toThrow('is open');
      const again = await (await store()).open('log', 2);
      expect(await readTexts(again, 0)).toEqual(['a', 'b']);
      await again.close();
    });
  });

  describe(`${kind}: taking over`, () => {
    test('L4 the next attempt finds every confirmed record, and goes on with the next position', async () => {
      const store = await make({ segmentBytes: 300 });
      const held: Log[] = [];
      for (let attempt = 1; attempt <= 40; attempt++) {
        const log = await (await store()).open('log', attempt);
        expect(log.tornTail).toBeUndefined();
        expect(log.next).toBe((attempt - 1) * 3);
        await appendTexts(log, ['x', 'y', 'z'].map((text) => text + attempt));
        // Some attempts go on holding the log, as a process does that is not dead.
        if (attempt % 3 === 0) held.push(log);
        else await log.close();
      }
      const log = await (await store()).open('log', 41);
      expect(await readTexts(log, 0)).toEqual(Array.from({ length: 120 }, (_, i) => `${'xyz'[i % 3]}${Math.floor(i / 3) + 1}`));
      await Promise.all([...held, log].map((each) => each.close()));
    });

    test('L6 an attempt not greater than all before is refused', async () => {
      const store = await make({});
      const log = await (await store()).open('log', 5);
      for (const attempt of [5, 4, 1]) expect((await failureOf(async () => await (await store()).open('log', attempt))).code).toBe('LOG_FENCED');
      expect(await (await store()).owner('log')).toBe(5);
      await appendTexts(log, ['still mine']);
      await log.close();
      expect((await failureOf(async () => await (await store()).open('log', 5))).code).toBe('LOG_FENCED');
    });

    test('L6 an older attempt appends and cuts no more once a newer one has opened', async () => {
      const store = await make({ segmentBytes: 60 });
      const old = await (await store()).open('log', 1);
      await appendTexts(old, ['a', 'b', 'c']);
      const young = await (await store()).open('log', 2);
      const failure = await failureOf(() => old.append(1, [Buffer.from('d')]));
      expect(failure.code).toBe('LOG_FENCED');
      expect(failure.message).toContain('attempt 2');
      expect(await failureOf(() => old.append(1, [Buffer.from('e')]))).toBe(failure);
      expect((await failureOf(() => old.cut(3))).code).toBe('LOG_FENCED');
      await appendTexts(young, ['f']);
      expect(await readTexts(young, 0)).toEqual(['a', 'b', 'c', 'f']);
      await Promise.all([old.close(), young.close()]);
    });

    test('L6 L7 whatever an older attempt has under way: confirmed and read, or neither, and never read later', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.nat(8), { maxLength: 6 }), fc.nat(20), async (bursts, turns) => {
          const store = await make({ segmentBytes: 200 });
          const old = await (await store()).open('log', 1);
          const confirmed: number[] = [];
          const appends = bursts.flatMap((length) => Array.from({ length }, () => confirmedInto(old, confirmed)));
          for (let i = 0; i < turns; i++) await Promise.resolve();
          const young = await (await store()).open('log', 2);
          const found = young.durable;
          await Promise.all([...appends, confirmedInto(old, confirmed)]);
          expect(confirmed.every((position) => position < found)).toBe(true);
          await appendTexts(young, ['young']);
          const third = await (await store()).open('log', 3);
          expect(third.durable).toBe(found + 1);
          expect((await readTexts(third, 0))[found]).toBe('young');
          await Promise.all([old, young, third].map((log) => log.close()));
        }),
        { numRuns: 30 },
      );
    });

    test('L6 of attempts that open at the same time the greatest has the log, and confirmed appends are read by all after', async () => {
      for (let round = 0; round < 10; round++) {
        const store = await make({});
        const attempts = [3, 8, 1, 6, 2, 7, 5, 4];
        const logs: Log[] = [];
        const texts: string[] = [];
        const contend = async (attempt: number): Promise<void> => {
          const log = await (await store()).open('log', attempt);
          logs.push(log);
          await log.append(1, [Buffer.from(`by ${attempt}`)]);
          texts.push(`by ${attempt}`);
        };
        const results = await Promise.allSettled(attempts.map(contend));
        expect(results[attempts.indexOf(8)]?.status).toBe('fulfilled');
        for (const result of results) if (result.status === 'rejected') expect((result.reason as RainstormError).code).toBe('LOG_FENCED');
        const last = await (await store()).open('log', 9);
        // What was not confirmed may have been written all the same.
        const read = await readTexts(last, 0);
        expect(read.filter((text) => texts.includes(text))).toEqual(texts);
        await Promise.all([...logs, last].map((log) => log.close()));
      }
    });
  });

  describe(`${kind}: looking, without taking over,`, () => {
    test('gives all that the owner has confirmed, and what a take-over would find', async () => {
      const store = await make({ segmentBytes: 100 });
      const texts = Array.from({ length: 40 }, (_, i) => `record ${i}`);
      for (const attempt of [1, 2]) {
        const log = await (await store()).open('log', attempt);
        await appendTexts(log, texts.slice((attempt - 1) * 20, attempt * 20));
        await log.close();
      }
      const seen = await (await store()).look('log');
      expect([seen.name, seen.first, seen.durable]).toEqual(['log', 0, 40]);
      expect(await readTexts(seen, 0)).toEqual(texts);
      expect(await readTexts(seen, 33)).toEqual(texts.slice(33));
      expect(await readTexts(seen, 40)).toEqual([]);
    });

    test('begins where the log was cut', async () => {
      const store = await make({ segmentBytes: 100 });
      const log = await (await store()).open('log', 1);
      await appendTexts(log, Array.from({ length: 30 }, (_, i) => `record ${i}`));
      for (let tries = 0; tries < 50; tries++) await log.cut(20);
      const seen = await (await store()).look('log');
      expect([seen.first, seen.durable]).toEqual([log.first, 30]);
      expect(await readTexts(seen, seen.first)).toEqual(await readTexts(log, log.first));
      await log.close();
    });

    test('leaves it to its owner, who goes on', async () => {
      const store = await make({});
      const log = await (await store()).open('log', 3);
      await appendTexts(log, ['a']);
      const seen = await (await store()).look('log');
      await appendTexts(log, ['b']);
      expect(await (await store()).owner('log')).toBe(3);
      expect(await readTexts(log, 0)).toEqual(['a', 'b']);
      expect(await readTexts(seen, 0), 'what there was').toEqual(['a']);
      await log.close();
    });

    test('finds an empty log where there is none of that name, and makes none', async () => {
      const store = await opened();
      const seen = await store.look('log');
      expect([seen.name, seen.first, seen.durable, await readTexts(seen, 0)]).toEqual(['log', 0, 0, []]);
      expect([await store.names(), await store.owner('log')]).toEqual([[], 0]);
      const log = await store.open('log', 1);
      await log.close();
      expect((await store.look('log')).durable, 'one that was opened and never written').toBe(0);
      await store.remove('log');
      expect((await store.look('log')).durable, 'one that was removed').toBe(0);
    });
  });

  describe(`${kind}: cutting`, () => {
    test('L8 records from the cut on stay, also for the next attempt; positions go on', async () => {
      const store = await make({ segmentBytes: 150 });
      const log = await (await store()).open('log', 1);
      await appendTexts(log, Array.from({ length: 30 }, (_, i) => `record ${i}`));
      for (const before of [0, 7, 7, 3, 20]) {
        await log.cut(before);
        expect(log.first).toBeLessThanOrEqual(Math.max(before, 7, log.first));
        expect(log.first).toBeLessThanOrEqual(20);
      }
      expect(await readTexts(log, 20)).toEqual(Array.from({ length: 10 }, (_, i) => `record ${i + 20}`));
      await log.close();
      const again = await (await store()).open('log', 2);
      expect(again.first).toBe(log.first);
      expect(again.next).toBe(30);
      expect(await readTexts(again, again.first)).toEqual(Array.from({ length: 30 - again.first }, (_, i) => `record ${i + again.first}`));
      await again.close();
    });

    test('L8 a log that is cut to its end goes on with the next position', async () => {
      const store = await make({ segmentBytes: 150 });
      const log = await (await store()).open('log', 1);
      await appendTexts(log, ['a', 'b', 'c', 'd']);
      await log.cut(4);
      await log.close();
      const again = await (await store()).open('log', 2);
      await again.cut(4);
      expect(await again.append(1, [Buffer.from('e')])).toBe(4);
      expect(await readTexts(again, 4)).toEqual(['e']);
      await again.close();
    });

    test('cutting goes on beside appends and other cuts', async () => {
      const store = await make({ segmentBytes: 150 });
      const log = await (await store()).open('log', 1);
      const work: Promise<unknown>[] = [];
      for (let i = 0; i < 60; i++) {
        await log.append(1, [Buffer.from(`record ${i}`)]);
        work.push(log.cut(i), log.append(1, [Buffer.from('more')]));
      }
      await Promise.all(work);
      expect(log.first).toBeLessThanOrEqual(59);
      expect(await readAll(log, 59)).toHaveLength(120 - 59);
      await log.close();
    });

    test('what is cut makes room', async () => {
      const store = await opened({ segmentBytes: 1000 });
      const log = await store.open('log', 1);
      for (let i = 0; i < 200; i++) {
        await log.append(1, [payload(300)]);
        if (i % 10 === 9) await log.cut(log.durable);
      }
      for (let tries = 0; tries < 50; tries++) await log.cut(log.durable);
      expect(log.bytes).toBeLessThan(5000);
      expect(await store.usedBytes()).toBe(log.bytes);
      await log.close();
    });
  });

  describe(`${kind}: names, removal, limits`, () => {
    const names = ['a', 'A', 'job/stage-0', '.', '..', '%41', 'ä b', '雨', '-', 'a.b', '.draft-1', 'x\ny'];

    test('any text names a log of its own', async () => {
      const store = await make({});
      const first = await store();
      for (const name of names) {
        const log = await first.open(name, 1);
        await appendTexts(log, [name]);
        await log.close();
      }
      const second = await store();
      expect(await second.names()).toEqual([...names].sort());
      for (const name of names) {
        const log = await second.open(name, 2);
        expect(await readTexts(log, 0)).toEqual([name]);
        await log.close();
      }
    });

    test('a removed log is gone, its owner fenced, and its name begins anew', async () => {
      const store = await make({ segmentBytes: 100 });
      const first = await store();
      const log = await first.open('log', 7);
      await appendTexts(log, ['a', 'b', 'c']);
      const second = await store();
      await second.remove('log');
      await second.remove('log');
      expect(await second.names()).toEqual([]);
      expect(await second.owner('log')).toBe(0);
      expect((await failureOf(() => log.append(1, [Buffer.from('d')]))).code).toBe('LOG_FENCED');
      const anew = await second.open('log', 7);
      expect([anew.first, anew.next]).toEqual([0, 0]);
      await appendTexts(anew, ['e']);
      expect((await failureOf(() => log.append(1, [Buffer.from('f')]))).code).toBe('LOG_FENCED');
      expect(await readTexts(anew, 0)).toEqual(['e']);
      await Promise.all([log.close(), anew.close()]);
    });

    test('L3 a full store fails the append and all later ones, says its limit, and keeps what was confirmed, for reading and cutting', async () => {
      const store = await make({ limitBytes: 20_000, segmentBytes: 4000 });
      const first = await store();
      const log = await first.open('log', 1);
      const other = await first.open('other', 1);
      let confirmed = 0;
      const failure = await failureOf(async () => {
        for (;;) confirmed = (await log.append(1, [payload(1000)])) + 1;
      });
      expect(failure.code).toBe('STORE_FULL');
      expect(failure.message).toContain('20000');
      expect(failure.hint).toContain('--store-limit');
      expect(confirmed).toBeGreaterThan(10);
      expect(await failureOf(() => log.append(1, []))).toBe(failure);
      expect(await first.usedBytes()).toBeLessThanOrEqual(20_000);
      expect((await failureOf(() => other.append(1, [payload(2000)]))).code).toBe('STORE_FULL');
      const again = await (await store()).open('log', 2);
      expect(await readAll(again, 0)).toHaveLength(confirmed);
      await again.cut(confirmed);
      await Promise.all([log, again, other].map((each) => each.close()));
      await first.remove('log');
      const roomy = await first.open('roomy', 1);
      expect(await roomy.append(1, [payload(2000)])).toBe(0);
      await roomy.close();
    });
  });

  test(`${kind}: L1 to L8 any sequence of appends, take-overs and cuts reads as a list would`, async () => {
    const append = fc.record({ kind: fc.constant('append' as const), sizes: fc.array(fc.nat(400), { minLength: 1, maxLength: 8 }) });
    const takeOver = fc.record({ kind: fc.constant('take over' as const), closing: fc.boolean() });
    const cut = fc.record({ kind: fc.constant('cut' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof({ weight: 3, arbitrary: append }, takeOver, cut), { maxLength: 25 }), async (steps) => {
        const store = await make({ segmentBytes: 700 });
        const model: Buffer[] = [];
        let [first, attempt] = [0, 1];
        const logs = [await (await store()).open('log', attempt)];
        for (const step of steps) {
          const log = logs.at(-1) as Log;
          if (step.kind === 'append') {
            const payloads = step.sizes.map((size) => payload(size));
            await Promise.all(payloads.map((each) => log.append(1, [each])));
            model.push(...payloads);
          } else if (step.kind === 'cut') {
            const before = Math.floor(model.length * step.share);
            await log.cut(before);
            expect(log.first).toBeGreaterThanOrEqual(first);
            expect(log.first).toBeLessThanOrEqual(Math.max(first, before));
            first = log.first;
          } else {
            if (step.closing) await log.close();
            logs.push(await (await store()).open('log', ++attempt));
          }
          const current = logs.at(-1) as Log;
          expect([current.first, current.durable, current.next]).toEqual([first, model.length, model.length]);
          const records = await readAll(current, first);
          expect(records.map(({ payload }) => payload)).toEqual(model.slice(first));
        }
        await Promise.all(logs.map((log) => log.close()));
      }),
      { numRuns: 40 },
    );
  });
}

async function confirmedInto(log: Log, confirmed: number[]): Promise<void> {
  try {
    confirmed.push(await log.append(1, [Buffer.from('old')]));
  } catch (error) {
    if (!(error instanceof RainstormError) || error.code !== 'LOG_FENCED') throw error;
  }
}
