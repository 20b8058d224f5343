import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PoisonSearch, type SearchResult } from '../../src/task/poison-search.ts';
import type { TrialInput, Verdict } from '../../src/task/trial.ts';

/** An operator that dies of tuples for which `dies` is true, among as many. */
async function search(tuples: number, dies: (fed: readonly number[]) => boolean, verdict: (trial: number, honest: Verdict) => Verdict = (_, honest) => honest, bySigkill = false): Promise<{ result: SearchResult; trials: number }> {
  let trials = 0;
  const field = {
    tuples,
    bySigkill,
    tuple: (ordinal: number) => Promise.resolve(Buffer.from(String(ordinal))),
    tryOut: (input: TrialInput) => {
      const fed = [...Array.from({ length: input.tuples }, (_, ordinal) => ordinal), ...(input.another === undefined ? [] : [Number(input.another.toString())])];
      trials += 1;
      return Promise.resolve(verdict(trials, dies(fed) ? 'crashed' : 'passed'));
    },
  };
  return { result: await new PoisonSearch(field).find(), trials };
}

describe('a search', () => {
  test('PS1: finds the first of those that an operator dies of, wherever it is', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 2000 }), fc.array(fc.nat({ max: 1999 }), { minLength: 1, maxLength: 3 }), async (tuples, bad) => {
      const there = bad.filter((ordinal) => ordinal < tuples);
      // Where there are no others but such, that is for PS2.
      fc.pre(there.length > 0 && tuples > 8);
      const { result } = await search(tuples, (fed) => fed.some((ordinal) => there.includes(ordinal)));
      expect(result).toEqual({ kind: 'found', ordinal: Math.min(...there) });
    }));
  });

  test('PS2: blames no tuple for its place, the state before it, or the end of the input', async () => {
    const place = await search(1000, (fed) => fed.length >= 300);
    const atEnd = await search(1000, (fed) => fed.length > 0);
    for (const { result } of [place, atEnd]) expect(result).toEqual({ kind: 'none', reason: expect.stringContaining('whatever tuple') });
  });

  test('PS2: blames the only tuple there is', async () => {
    expect((await search(1, (fed) => fed.length > 0)).result).toEqual({ kind: 'found', ordinal: 0 });
  });

  test('PS3: gives none where consumers have what came of it', async () => {
    const { result } = await search(10, (fed) => fed.includes(4), (trial, honest) => (honest === 'passed' && trial > 8 ? 'diverged' : honest));
    expect(result).toEqual({ kind: 'none', reason: expect.stringContaining('has output already') });
    const untold = await search(10, (fed) => fed.includes(4), (trial, honest) => (honest === 'passed' && trial > 8 ? 'untold' : honest));
    expect(untold.result).toEqual({ kind: 'none', reason: expect.stringContaining('does not say any more') });
  });

  test('PS4: needs a trial for each halving, and a few', async () => {
    let trials = 0;
    const tryOut = ({ tuples, another }: TrialInput): Promise<Verdict> => {
      trials += 1;
      return Promise.resolve(tuples > 123_456_789 && another === undefined ? 'crashed' : 'passed');
    };
    const result = await new PoisonSearch({ tuples: 2 ** 30, bySigkill: false, tuple: () => Promise.resolve(Buffer.from('x')), tryOut }).find();
    expect([result, trials]).toEqual([{ kind: 'found', ordinal: 123_456_789 }, 30 + 5]);
    const endless = await new PoisonSearch({ tuples: 10, bySigkill: false, tuple: () => Promise.resolve(Buffer.from('x')), tryOut: () => Promise.resolve('killed') }).find();
    expect(endless).toEqual({ kind: 'none', reason: expect.stringContaining('not found in') });
  });

  test('PS1: repeats a trial that was killed from outside, however often', async () => {
    const now = await search(100, (fed) => fed.includes(50), (trial, honest) => (trial % 3 === 0 ? 'killed' : honest));
    expect(now.result).toEqual({ kind: 'found', ordinal: 50 });
    const often = await search(100, (fed) => fed.includes(50), (trial, honest) => (trial < 10 ? 'killed' : honest));
    expect(often.result).toEqual({ kind: 'found', ordinal: 50 });
  });

  test('takes kills that go on for a crash where the operator was given up for one', async () => {
    const ofMemory = await search(20, (fed) => fed.includes(5), (_, honest) => (honest === 'crashed' ? 'killed' : honest), true);
    expect(ofMemory.result).toEqual({ kind: 'found', ordinal: 5 });
    const always = await search(100, () => false, () => 'killed', true);
    expect(always.result).toEqual({ kind: 'none', reason: expect.stringContaining('without being fed anything') });
  });

  test('says where it is ended, and where a program dies now and then only', async () => {
    expect((await search(100, () => true, () => 'stopped')).result).toEqual({ kind: 'none', reason: expect.stringContaining('ended before') });
    const { result } = await search(100, (fed) => fed.includes(50), (trial, honest) => (trial > 2 && honest === 'crashed' ? 'passed' : honest));
    expect(result).toEqual({ kind: 'none', reason: expect.stringContaining('each time') });
  });
});
