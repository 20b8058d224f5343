/** Loaded before a command and its workers (`--import`): inserts the points of the plan and kills where it says so. */
import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { markOf, midwayMark, PLAN_VARIABLE, type Crash, type CrashPlan } from './crash-plan.ts';
import { HOOK, SOURCE_HOOK, TASK_HOOK, withPoints, type PointName } from './points.ts';

interface OperatorTask {
  readonly ref: { readonly stage: number; readonly index: number };
  status(): { readonly groups: readonly { readonly pid: number }[] };
}

/** Less than any record has. */
const TORN_BYTES = 3;

/** The stream's middle is between these blocks of the source, counted from 1: there are ten in all. */
const FROM_BLOCK = 5;
const TO_BLOCK = 8;

const POLL_MS = 20;

/** Far above what a crash needs that comes at all; without it the job ends, and the test sees that. */
const WAIT_MS = 20_000;

const SOURCES = new URL('../../../src/', import.meta.url).href;

const plan = JSON.parse(process.env[PLAN_VARIABLE] ?? '') as CrashPlan;
let blocks = 0;
let waitedMs = 0;
const tasks = new Map<string, OperatorTask>();

const isWorker = process.argv.includes('worker');

// Its operators are no part of the plan, and start faster without this.
if (isWorker) {
  delete process.env['NODE_OPTIONS'];
  delete process.env[PLAN_VARIABLE];
}

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.startsWith(SOURCES) || loaded.source == null) return loaded;
    const source = typeof loaded.source === 'string' ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    return { ...loaded, source: withPoints(url.slice(SOURCES.length), source, [...new Set(plan.crashes.map(({ at }) => at))]) };
  },
});

Object.assign(globalThis, {
  [TASK_HOOK]: (task: OperatorTask) => tasks.set(`${task.ref.stage}-${task.ref.index}`, task),
  [SOURCE_HOOK]: async () => {
    blocks += 1;
    if (blocks === FROM_BLOCK) writeFileSync(midwayMark(plan), '');
    for (; blocks >= TO_BLOCK && !midwayDone() && waitedMs < WAIT_MS; waitedMs += POLL_MS) await pause(POLL_MS);
  },
  [HOOK]: (point: PointName, name: string | undefined, tear: string | undefined) => {
    const task = taskOf(name);
    for (const [index, crash] of plan.crashes.entries()) {
      if (crash.at === point && (crash.task === undefined || crash.task === task)) pass(index, crash, task, tear);
    }
  },
});

function pass(index: number, crash: Crash, task: string | undefined, tear: string | undefined): void {
  if (crash.after !== undefined && !hasHappened(crash.after)) return;
  if (crash.midway === true && !existsSync(midwayMark(plan))) return;
  const pids = victimsOf(crash, task);
  if (pids.length === 0 || !claim(index, crash.times ?? 1)) return;
  if (tear !== undefined) truncateSync(tear, statSync(tear).size - TORN_BYTES);
  for (const pid of pids) kill(pid);
}

/** Itself last. Operators are named by their process groups, as negative numbers. */
function victimsOf({ victim }: Crash, task: string | undefined): number[] {
  if (victim === 'process') return [process.pid];
  if (victim === 'workers') return [...otherWorkers(), process.pid];
  if (victim === 'everything') return [...(isWorker ? [process.ppid] : []), ...otherWorkers(), process.pid];
  if (victim === 'operators') return [...tasks.values()].flatMap(groupsOf);
  const groups = groupsOf(tasks.get(task ?? ''));
  return victim === 'operator' ? groups : groups.slice(victim.member, victim.member + 1);
}

function groupsOf(task: OperatorTask | undefined): number[] {
  return (task?.status().groups ?? []).map(({ pid }) => -pid);
}

/** Of the same command, which may be this process. */
function otherWorkers(): number[] {
  const command = isWorker ? process.ppid : process.pid;
  const listed = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return listed.flatMap((line) => {
    const [, pid = '', parent = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === command && Number(pid) !== process.pid && args.includes(' worker ') ? [Number(pid)] : [];
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has just ended by itself.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'ESRCH') throw error;
  }
}

/** Further times, and what comes after another crash, happen by themselves. */
function midwayDone(): boolean {
  return plan.crashes.every(({ midway }, index) => midway !== true || existsSync(markOf(plan, index, 0)));
}

function hasHappened(index: number): boolean {
  return existsSync(markOf(plan, index, (plan.crashes[index]?.times ?? 1) - 1));
}

/** Of all processes only one gets each time. */
function claim(index: number, times: number): boolean {
  for (let time = 0; time < times; time++) {
    try {
      closeSync(openSync(markOf(plan, index, time), 'wx'));
      return true;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
    }
  }
  return false;
}

/** `2-0` of the path of its log, of the name of its journal, or of a channel to it. */
function taskOf(name: string | undefined): string | undefined {
  const [, stage, index] = /(\d+)(?:-|\.\d+\.)(\d+)(?:\.log)?$/.exec(name ?? '') ?? [];
  return stage === undefined || index === undefined ? undefined : `${stage}-${index}`;
}
