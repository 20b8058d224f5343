/**
 * Finds what a program has started and not ended. Its process groups are killed with it; a process that has left its group
 * (a daemon, `setsid`) is found by the mark in its environment. Only Linux shows that; elsewhere nothing is found.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { errnoOf } from '../base/errors.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';

const SHOWS_ENVIRONMENTS = existsSync('/proc/self/environ');

/** What was just killed needs a moment to be gone; no event says when. */
const DYING_LIMIT_MS = 1_000;
const LOOK_INTERVAL_MS = 10;

/** The processes that live with this mark, those that are about to die left out. */
export async function findLeftBehind(mark: string): Promise<number[]> {
  const giveUpAt = performance.now() + DYING_LIMIT_MS;
  for (;;) {
    const pids = markedProcesses(mark);
    if (pids.length === 0 || performance.now() > giveUpAt) return pids;
    await sleep(LOOK_INTERVAL_MS);
  }
}

/** Kills every process with this mark, and what those start meanwhile. */
export async function killLeftBehind(mark: string): Promise<void> {
  const giveUpAt = performance.now() + DYING_LIMIT_MS;
  for (;;) {
    const pids = markedProcesses(mark);
    if (pids.length === 0 || performance.now() > giveUpAt) return;
    for (const pid of pids) kill(pid);
    await sleep(LOOK_INTERVAL_MS);
  }
}

function markedProcesses(mark: string): number[] {
  if (!SHOWS_ENVIRONMENTS) return [];
  const variable = Buffer.from(`RAINSTORM_JOB=${mark}\0`);
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  return pids.filter((pid) => environmentOf(pid).includes(variable) && isSameProcessAlive(pid, undefined));
}

function environmentOf(pid: number): Buffer {
  try {
    return readFileSync(`/proc/${pid}/environ`);
  } catch (error) {
    // It has ended meanwhile, or is somebody else's.
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return Buffer.alloc(0);
    throw error;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}
