/**
 * Real jobs whose operators, or workers, are killed at named moments: at each the result is that of an undisturbed run, and
 * nothing is left behind. RAINSTORM_TEST_LONG tries all combinations.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { casesOf, type Row } from './crash-point/cases.ts';
import { runCrashing } from './crash-point/crash-job.ts';
import { COMMITTED, COUNT, FOLD, HEAD, REPLAY, RESTART, SNAPSHOT } from './crash-point/pipelines.ts';
import { POINTS, withPoints, type PointName } from './crash-point/points.ts';

const SOURCES = join(import.meta.dirname, '../../src');

const CASE_LIMIT_MS = 60_000;

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'between the journal and the next task': [
    { at: 'accepted, not journaled', on: REPLAY, task: '2-0', midway: true, kills: ['process', 'operator'] },
    { at: 'half journaled', on: REPLAY, task: '2-0', midway: true, longOnly: true, kills: ['process'] },
    { at: 'half journaled', on: SNAPSHOT, task: '2-1', midway: true, kills: ['process'] },
    { at: 'journaled, not acked', on: REPLAY, task: '2-0', midway: true, kills: ['process', 'operator'] },
    { at: 'acked', on: SNAPSHOT, task: '2-1', midway: true, kills: ['process', 'operator'] },
    { at: 'fed, nothing printed for it', on: REPLAY, task: '2-0', midway: true, kills: ['operator', 'process'] },
    { at: 'fed, nothing printed for it', on: SNAPSHOT, task: '1-0', midway: true, longOnly: true, kills: ['process', 'operator'] },
    { at: 'printed, not routed', on: SNAPSHOT, task: '2-0', midway: true, kills: ['operator', 'process'] },
    { at: 'routed', on: SNAPSHOT, task: '2-1', midway: true, kills: ['process', 'operator'] },
    { at: 'routed', on: COMMITTED, task: '2-0', longOnly: true, kills: ['process'] },
  ],
  'during a checkpoint': [
    { at: 'state asked for', on: SNAPSHOT, task: '2-0', midway: true, kills: ['operator', 'process'] },
    { at: 'state handed out', on: SNAPSHOT, task: '2-0', midway: true, kills: ['process', 'operator'] },
    { at: 'checkpoint not recorded', on: SNAPSHOT, task: '2-0', midway: true, kills: ['operator', 'process'] },
    { at: 'checkpoint recorded, journal not cut', on: SNAPSHOT, task: '2-0', midway: true, kills: ['process', 'operator'] },
    { at: 'checkpoint recorded, journal not cut', on: COMMITTED, task: '1-0', midway: true, kills: ['process', 'operator'] },
    { at: 'journal cut, no next checkpoint', on: SNAPSHOT, task: '1-0', midway: true, longOnly: true, kills: ['operator', 'process'] },
  ],
  'where one copy of an operator ends and the next begins': [
    { at: 'cut not recorded', on: RESTART, task: '1-0', midway: true, kills: ['process', 'operator'] },
    { at: 'cut recorded, not made', on: RESTART, task: '1-0', midway: true, kills: ['process', 'operator'] },
    { at: 'cut recorded, not made', on: FOLD, task: '2-0', midway: true, longOnly: true, kills: ['process', 'operator'] },
    { at: 'cut made, the next copy not fed', on: RESTART, task: '1-0', midway: true, longOnly: true, kills: ['operator', 'process'] },
    { at: 'cut made, the next copy not fed', on: FOLD, task: '2-0', midway: true, kills: ['operator', 'process'] },
    { at: 'the next copy fed', on: FOLD, task: '2-0', midway: true, kills: ['process', 'operator'] },
    { at: 'the copy before printed to its end', on: RESTART, task: '2-0', midway: true, kills: ['process', 'operator'] },
    { at: 'what a copy folded is not recorded', on: FOLD, task: '2-0', midway: true, kills: ['process'] },
    { at: 'checkpoint recorded, journal not cut', on: FOLD, task: '2-0', midway: true, kills: ['process', 'operator'] },
  ],
  'at the end of the stream': [
    { at: 'last tuple in, end not journaled', on: FOLD, task: '2-0', kills: ['process', 'operator'] },
    { at: 'end journaled, stdin open', on: COUNT, task: '2-0', kills: ['operator', 'process'] },
    { at: 'stdin about to close', on: REPLAY, task: '2-0', kills: ['process', 'operator'] },
    { at: 'exited, own end not sent', on: FOLD, task: '2-1', kills: ['process'] },
    { at: 'exited, own end not sent', on: COMMITTED, task: '1-0', kills: ['process'] },
    { at: 'own end acked, task not finished', on: COUNT, task: '2-0', longOnly: true, kills: ['process'] },
    { at: 'task finished, job not', on: SNAPSHOT, task: '1-0', longOnly: true, kills: ['process'] },
    { at: 'task finished, job not', on: COUNT, task: '2-1', kills: ['process'] },
    { at: 'had enough, which is not journaled', on: HEAD, task: '1-0', kills: ['process'] },
    { at: 'had enough, which no producer knows', on: HEAD, task: '1-0', kills: ['process'] },
  ],
  'in the sink': [
    { at: 'written, not committed', on: SNAPSHOT, task: '3-0', midway: true, kills: ['process'] },
    { at: 'committed, not acked', on: SNAPSHOT, task: '3-0', midway: true, kills: ['process'] },
    { at: 'half journaled', on: SNAPSHOT, task: '3-0', midway: true, longOnly: true, kills: ['process'] },
    { at: 'all written, file not finished', on: COUNT, task: '3-0', longOnly: true, kills: ['process'] },
    { at: 'file finished, not to be published yet', on: COUNT, task: '3-0', longOnly: true, kills: ['process'] },
    { at: 'to be published, not renamed', on: COUNT, task: '3-0', kills: ['process'] },
    { at: 'renamed, the leader not told', on: COUNT, task: '3-0', kills: ['process'] },
  ],
  'in the source': [
    { at: 'read, not routed', on: SNAPSHOT, task: '0-0', midway: true, longOnly: true, kills: ['process'] },
    { at: 'read and acked, position not written', on: REPLAY, task: '0-0', options: { rate: 300 }, kills: ['process'] },
    { at: 'position written, the one before not let go', on: SNAPSHOT, task: '0-0', options: { rate: 300 }, longOnly: true, kills: ['process'] },
    { at: 'source at its end, which nobody was told', on: COUNT, task: '0-0', kills: ['process'] },
  ],
};

describe('the moments', () => {
  test.each(Object.keys(POINTS) as PointName[])('"%s" is in the code once', async (name) => {
    const { file } = POINTS[name];
    const source = await readFile(join(SOURCES, file), 'utf8');
    expect(withPoints(file, source, [name])).toContain(`(${JSON.stringify(name)},`);
  });

  test('one that is not there is an error', () => {
    expect(() => withPoints('task/input-feed.ts', 'nothing', ['within the replay'])).toThrow(/has 0 times, not once/);
  });
});

for (const [what, rows] of Object.entries(TABLE)) {
  describe(`a kill ${what}`, () => {
    test.each(casesOf(rows))('$name', { timeout: CASE_LIMIT_MS }, async ({ pipeline, crashes, options }) => {
      await runCrashing(pipeline, crashes, options);
    });
  });
}
