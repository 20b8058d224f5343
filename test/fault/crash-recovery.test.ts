/**
 * Real jobs that are killed again while they recover, in several places at once, or with their leader: the result is that of
 * an undisturbed run, and nothing is left behind.
 */
import { describe, expect, test } from 'vitest';
import { casesOf, sequencesOf, type Row, type Sequence } from './crash-point/cases.ts';
import { runCrashing, runResuming } from './crash-point/crash-job.ts';
import type { Crash, Victim } from './crash-point/crash-plan.ts';
import { CHAIN, COUNT, FOLD, REPLAY, RESTART, SNAPSHOT } from './crash-point/pipelines.ts';
import type { PointName } from './crash-point/points.ts';

const CASE_LIMIT_MS = 60_000;

const ROUTED: Crash = { at: 'routed', victim: 'process', task: '2-0', midway: true };
/** What stands before the cut is to be replayed. */
const CUT_RECORDED: Crash = { at: 'cut recorded, not made', victim: 'process', task: '2-0', midway: true };
const NEXT_COPY_FED: Crash = { at: 'the next copy fed', victim: 'process', task: '2-0', midway: true };
const FED: Crash = { at: 'fed, nothing printed for it', victim: 'operator', task: '2-0', midway: true };

function again(first: Crash, at: PointName, victim: Victim, task?: string): readonly Crash[] {
  return [first, { at, victim, after: 0, ...(task === undefined ? {} : { task }) }];
}

const DURING_RECOVERY: readonly Sequence[] = [
  { name: 'an operator before it is started again: its worker', on: REPLAY, crashes: again(FED, 'crashed, not started again', 'process', '2-0'), longOnly: true },
  { name: 'an operator within its replay', on: REPLAY, crashes: again(FED, 'within the replay', 'operator', '2-0') },
  { name: 'an operator within its replay: its worker', on: REPLAY, crashes: again(FED, 'within the replay', 'process', '2-0'), longOnly: true },
  { name: 'an operator that was just replayed from its state', on: SNAPSHOT, crashes: again(FED, 'replayed, nothing new fed', 'operator', '2-0') },
  { name: 'a worker that has taken a journal over and not read it', on: SNAPSHOT, crashes: again(ROUTED, 'journal taken over, not read', 'process', '2-0') },
  { name: 'a worker within the replay of a task that moved', on: FOLD, crashes: again(CUT_RECORDED, 'within the replay', 'process', '2-0') },
  { name: 'a worker before the answer of a handshake', on: SNAPSHOT, crashes: again(ROUTED, 'handshake not answered', 'process', '2-0') },
  { name: 'a worker behind the answer of a handshake', on: RESTART, crashes: again(ROUTED, 'handshake answered', 'process', '2-0'), longOnly: true },
  { name: 'a worker that has just heard where its consumer stands', on: SNAPSHOT, crashes: again(ROUTED, 'answer of the handshake heard', 'process', '2-0') },
  { name: 'a sink again before it commits', on: COUNT, crashes: [{ at: 'written, not committed', victim: 'process', times: 2 }], longOnly: true },
  { name: 'a sink again when it has renamed its file', on: COUNT, crashes: [{ at: 'renamed, the leader not told', victim: 'process', times: 2 }] },
  { name: 'an operator five times in a row', on: SNAPSHOT, crashes: [{ ...FED, times: 5 }] },
];

const AT_ONCE: readonly Sequence[] = [
  { name: 'operators of all stages', on: SNAPSHOT, crashes: [{ ...FED, victim: 'operators', times: 2 }], options: { args: ['--workers', '1'] } },
  { name: 'operators of all stages, at the end of the input', on: FOLD, crashes: [{ at: 'end journaled, stdin open', victim: 'operators', task: '2-0' }], options: { args: ['--workers', '1'] }, longOnly: true },
  { name: 'all workers', on: SNAPSHOT, crashes: [{ at: 'routed', victim: 'workers', task: '2-0', midway: true }] },
  { name: 'all workers, again while they recover', on: RESTART, crashes: [{ ...CUT_RECORDED, victim: 'workers', task: '1-0' }, { at: 'within the replay', victim: 'workers', after: 0 }], longOnly: true },
  { name: 'all workers, when a checkpoint stands for output', on: SNAPSHOT, crashes: [{ at: 'checkpoint recorded, journal not cut', victim: 'workers', task: '2-0', midway: true }], longOnly: true },
  { name: 'all workers, at the end of the input', on: COUNT, crashes: [{ at: 'exited, own end not sent', victim: 'workers', task: '2-0' }] },
];

describe('a second kill during recovery:', () => {
  test.each(sequencesOf(DURING_RECOVERY))('$name', { timeout: CASE_LIMIT_MS }, async ({ pipeline, crashes, options }) => {
    await runCrashing(pipeline, crashes, options);
  });
});

test('half a record at the end of a journal is left out, which the log of its task says', { timeout: CASE_LIMIT_MS }, async () => {
  const { logs } = await runCrashing(REPLAY, [{ at: 'half journaled', victim: 'process', task: '2-0', midway: true, times: 3 }]);
  expect(logs.match(/ NOTE record \d+ of what the attempt before had written down was not complete; its \d+ bytes are left out/g)).toHaveLength(3);
});

describe('kills at once:', () => {
  test.each(sequencesOf(AT_ONCE))('$name', { timeout: CASE_LIMIT_MS }, async ({ pipeline, crashes, options }) => {
    await runCrashing(pipeline, crashes, options);
  });
});

const CHAIN_ROWS: readonly Row[] = [
  ...[0, 1, 2, 3].map((member): Row => ({ at: 'fed, nothing printed for it', on: CHAIN, midway: true, kills: [{ member }] })),
  { at: 'stdin about to close', on: CHAIN, kills: [{ member: 2 }, { member: 0 }, { member: 1 }, { member: 3 }] },
];

describe('one process of a chain is killed', () => {
  test.each(casesOf(CHAIN_ROWS))('$name', { timeout: CASE_LIMIT_MS }, async ({ pipeline, crashes, options }) => {
    const { logs } = await runCrashing(pipeline, crashes, options);
    expect(logs).toMatch(/ RESTART attempt=2 /);
  });
});

const WITH_THE_LEADER: readonly Sequence[] = [
  { name: 'before its first placement is written down', on: COUNT, crashes: [{ at: 'placed, not written down', victim: 'process' }], longOnly: true },
  { name: 'between its first placement and telling anybody', on: COUNT, crashes: [{ at: 'placed and written down, nobody told', victim: 'process' }] },
  { name: 'between telling the workers and starting', on: SNAPSHOT, crashes: [{ at: 'workers told, nothing started', victim: 'process' }], longOnly: true },
  { name: 'before it sees a lost worker dead', on: SNAPSHOT, crashes: again(ROUTED, 'worker lost, not seen dead', 'process'), longOnly: true },
  { name: 'between a lost worker and the next placement', on: SNAPSHOT, crashes: again(ROUTED, 'worker seen dead, nothing placed again', 'process') },
  { name: 'between a later placement and telling anybody', on: FOLD, crashes: again(NEXT_COPY_FED, 'placed and written down, nobody told', 'process') },
  { name: 'when all have finished', on: COUNT, crashes: [{ at: 'all finished, nothing published', victim: 'process' }], longOnly: true },
  { name: 'with everything, when the result is to be published', on: COUNT, crashes: [{ at: 'to be published, not renamed', victim: 'everything' }] },
  { name: 'with everything, when the result has been renamed', on: COUNT, crashes: [{ at: 'renamed, the leader not told', victim: 'everything' }], longOnly: true },
  { name: 'between the result and the end of the job', on: COUNT, crashes: [{ at: 'published, end not written down', victim: 'process' }] },
  { name: 'between the end of the job and telling anybody', on: SNAPSHOT, crashes: [{ at: 'end written down, nobody told', victim: 'process' }] },
  { name: 'when all know the end, and the destination is still locked', on: COUNT, crashes: [{ at: 'workers told of the end, destination locked', victim: 'process' }], longOnly: true },
  { name: 'with everything, in the middle of a record', on: REPLAY, crashes: [{ at: 'half journaled', victim: 'everything', task: '2-0', midway: true }] },
  { name: 'with everything, and again within the replay', on: SNAPSHOT, crashes: [{ at: 'checkpoint recorded, journal not cut', victim: 'everything', task: '2-0', midway: true }, { at: 'replayed, nothing new fed', victim: 'everything', after: 0 }] },
];

describe('the leader is killed, and the next one goes on with the job:', () => {
  test.each(sequencesOf(WITH_THE_LEADER))('$name', { timeout: CASE_LIMIT_MS }, async ({ pipeline, crashes, options }) => {
    await runResuming(pipeline, crashes, options);
  });
});
