import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { openSource, type SourceDescription } from '../../src/connect/open-source.ts';
import { StdinSource } from '../../src/connect/stdin-source.ts';
import { steadyRate } from '../../src/job/rate-schedule.ts';
import { FakeClock } from '../base/fake-clock.ts';
import { entry, readAll, scratch } from './scratch.ts';

const READING = { format: 'csv', header: true, rate: undefined, maxTupleBytes: 1000 } as const;

test('a description of files that went through JSON opens them, paced if it says so', async () => {
  const dir = await scratch();
  const description: SourceDescription = { kind: 'files', files: [await entry(dir, 'a.csv', 'k\n1\n2\n3\n')], ...READING, rate: steadyRate(10) };
  const clock = new FakeClock();
  const source = openSource(JSON.parse(JSON.stringify(description)) as SourceDescription, { clock, stdin: undefined });
  expect((await readAll(source)).toString()).toBe('1\n2\n3\n');
  expect(clock.waits).toEqual([100, 100]);
  const unpaced = openSource(JSON.parse(JSON.stringify({ ...description, rate: undefined })) as SourceDescription, { clock, stdin: undefined });
  expect((await unpaced.read())?.count).toBe(3);
  await unpaced.close();
});

test('stdin is read by the process that has it, after the planner looked', async () => {
  const stdin = new StdinSource(Readable.from([Buffer.from('k\n1\n')]));
  expect((await stdin.peekRecord(READING))?.toString()).toBe('k');
  const source = openSource({ kind: 'stdin', ...READING }, { clock: new FakeClock(), stdin });
  expect((await readAll(source)).toString()).toBe('1\n');
  expect(() => openSource({ kind: 'stdin', ...READING }, { clock: new FakeClock(), stdin: undefined })).toThrow('invariant');
});
