/** The jobs that the made-up leader has. */
import type { Mark } from '../src/api/types.ts';
import type { MadeJob } from './made-up-jobs.ts';

const MINUTE_MS = 60_000;

const source = { name: 'source', program: '', tasks: 1, rate: 182_000, passes: 1, busy: 0, blocked: 0 };
const sink = { name: 'sink', program: '', tasks: 1, rate: 310, passes: 0, busy: 0, blocked: 0 };

export function scenes(nowMs: number): MadeJob[] {
  const startedMs = nowMs - 11 * MINUTE_MS;
  return [trips(nowMs, startedMs), thousand(nowMs), longNames(nowMs), failed(nowMs), done(nowMs)];
}

function trips(nowMs: number, startedMs: number): MadeJob {
  const marks: Mark[] = [
    { atMs: startedMs, kind: 'state', text: 'running' },
    { atMs: nowMs - 8.2 * MINUTE_MS, kind: 'kill', stage: 3, index: 1, text: 'task 3-1 was killed on request' },
    { atMs: nowMs - 8.1 * MINUTE_MS, kind: 'restart', stage: 3, index: 1, worker: 'w2', text: 'task 3-1 was started again, attempt 2 on w2' },
    { atMs: nowMs - 5 * MINUTE_MS, kind: 'scale', stage: 2, text: 'stage 2 goes from 2 to 4 tasks: 98 % busy' },
    { atMs: nowMs - 4.9 * MINUTE_MS, kind: 'scale', stage: 2, text: 'stage 2 has 4 tasks' },
    { atMs: nowMs - 2 * MINUTE_MS, kind: 'worker', worker: 'w3', text: 'worker w3 is gone: it has not been heard of for 5 s' },
    { atMs: nowMs - 1.9 * MINUTE_MS, kind: 'restart', stage: 2, index: 3, worker: 'w1', text: 'task 2-3 was started again, attempt 2 on w1' },
  ];
  return {
    job: 'trips-1122-0141', state: 'running', startedMs, dest: 'revenue-by-zone.csv', marks, bottleneck: 2,
    sentence: 'Stage 2 (geocode) is limited by its operator: 98 % CPU in 4 of 4 tasks; stage 1 is blocked 71 % of the time.',
    remarks: ['The first row of trips-2026.csv is taken for a header, since a stage names a column.'],
    odd: { '3-4': 'stalled' },
    stages: [
      source,
      { name: 'filter', program: "filter='completed'", tasks: 3, rate: 182_000, passes: 0.7, busy: 0.24, blocked: 0.71 },
      { name: 'geocode', program: 'python3 geocode.py --zones zones.geojson', tasks: 4, key: 'line', rate: 127_000, passes: 1, busy: 0.98, blocked: 0.01 },
      { name: 'sum', program: 'sum=zone/fare', tasks: 12, key: 'column 4', rate: 127_000, passes: 0.002, busy: 0.31, blocked: 0 },
      sink,
    ],
  };
}

function thousand(nowMs: number): MadeJob {
  const stage = (name: string, busy: number, blocked: number, passes = 1) => ({ name, program: `${name} --all`, tasks: 250, key: 'line', rate: 4_100_000, passes, busy, blocked });
  return {
    job: 'thousand-tasks', state: 'running', startedMs: nowMs - 190 * MINUTE_MS, dest: 'parts/', bottleneck: 3,
    sentence: 'Stage 3 (join) is limited by its operator: 97 % CPU in 198 of 250 tasks.',
    marks: Array.from({ length: 300 }, (_, index) => ({ atMs: nowMs - (300 - index) * 3_900, kind: index % 5 === 0 ? 'kill' : 'restart', stage: 1 + (index % 4), index: (index * 37) % 250, text: `task ${1 + (index % 4)}-${(index * 37) % 250} was ${index % 5 === 0 ? 'killed' : 'started again, attempt 2'}` } as const)),
    odd: { '2-17': 'stalled', '4-100': 'starting', '1-3': 'finished' },
    stages: [{ ...source, rate: 4_100_000 }, stage('parse', 0.3, 0.6), stage('clean', 0.4, 0.5), stage('join', 0.97, 0), stage('count', 0.12, 0, 0.001), { ...sink, tasks: 250, rate: 4_100 }],
  };
}

function longNames(nowMs: number): MadeJob {
  const name = 'a-stage-with-a-name-that-somebody-made-by-a-script-and-never-looked-at-again';
  return {
    job: 'nightly-import-of-every-single-measurement-of-all-stations-2026-11-22T01-00-00Z-retry-3', state: 'waiting', startedMs: nowMs - 20_000, dest: '/srv/data/warehouse/incoming/measurements/2026/11/22/all-stations-by-hour-and-kind.csv',
    sentence: 'Nothing limits it: the source gives no more.', marks: [], notes: ['2 rows have fewer columns than the header; they are taken as they are.'], skippedTuples: 3,
    stages: [source, ...Array.from({ length: 9 }, (_, index) => ({ name: index === 1 ? 'tr | sort | uniq' : name, program: `${name} --with --many "arguments and quotes" | sort -k1,1 -k2,2n -T /var/tmp`, tasks: 1 + index * 3, rate: 0, passes: 1, busy: 0, blocked: 0 })), sink],
  };
}

function failed(nowMs: number): MadeJob {
  return {
    job: 'rides-1122-0031', state: 'failed', startedMs: nowMs - 82 * MINUTE_MS, endedMs: nowMs - 80 * MINUTE_MS, dest: 'rides.out', sentence: '',
    failure: {
      code: 'OPERATOR_FAILED', message: 'stage 1 (python3), task 1-0: `python3 parse.py` exited with status 1 three times at the same place', hint: 'rainstorm logs 1-0 says more; onPoison: deadletter leaves out what it dies of.',
      stderr: ['Traceback (most recent call last):', '  File "/home/ana/rides/parse.py", line 12, in <module>', '    main()', '  File "/home/ana/rides/parse.py", line 8, in main', '    print(float(fare) * 1.19)', "ValueError: could not convert string to float: 'n/a'"],
    },
    marks: [{ atMs: nowMs - 81 * MINUTE_MS, kind: 'restart', stage: 1, index: 0, text: 'task 1-0 was started again, attempt 2 on w1' }, { atMs: nowMs - 80 * MINUTE_MS, kind: 'state', text: 'failed: stage 1 (python3) exited with status 1' }],
    odd: { '1-0': 'failed', '0-0': 'stopped', '2-0': 'stopped' },
    stages: [source, { name: 'python3', program: 'python3 parse.py', tasks: 1, rate: 9_000, passes: 1, busy: 0.9, blocked: 0 }, sink],
  };
}

function done(nowMs: number): MadeJob {
  return {
    job: 'words-1121-1800', state: 'done', startedMs: nowMs - 480 * MINUTE_MS, endedMs: nowMs - 478 * MINUTE_MS, dest: 'words', sentence: '', marks: [{ atMs: nowMs - 478 * MINUTE_MS, kind: 'state', text: 'done' }],
    stages: [source, { name: 'flatmap', program: 'flatmap', tasks: 2, rate: 80_000, passes: 8, busy: 0.6, blocked: 0.2 }, { name: 'aggregate', program: 'aggregate=line', tasks: 3, key: 'line', rate: 640_000, passes: 0.01, busy: 0.8, blocked: 0 }, sink],
  };
}
