/** Which processes there are, as `ps` tells it. */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { expect } from 'vitest';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly args: string;
}

const POLL_MS = 50;

/** Far above what anything that is waited for takes; a test that gets here fails. */
const DEADLINE_MS = 25_000;

/** Calls `look` again and again until it gives something else than undefined. `what` completes "waited in vain for …". */
export async function waitFor<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    expect(performance.now(), `waited in vain for ${what}`).toBeLessThan(deadline);
    await pause(POLL_MS);
  }
}

/** Zombies left out: they do nothing any more. */
async function processes(): Promise<ProcessEntry[]> {
  const { stdout } = await execa('ps', ['-A', '-ww', '-o', 'pid=,ppid=,stat=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', args = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined || state.startsWith('Z') ? [] : [{ pid: Number(pid), parent: Number(parent), args }];
  });
}

/** Every process but `except` whose arguments hold `mark`. */
export async function processesWith(mark: string, except: readonly number[] = []): Promise<ProcessEntry[]> {
  return (await processes()).filter(({ pid, args }) => args.includes(mark) && !except.includes(pid));
}

/** Waits until `count` processes at least have `mark` in their arguments. */
export async function processesAppear(mark: string, count: number): Promise<ProcessEntry[]> {
  return await waitFor(`${count} processes with ${mark}`, async () => {
    const found = await processesWith(mark);
    return found.length >= count ? found : undefined;
  });
}

/** Waits until no process has `mark` in its arguments. */
export async function processesGone(mark: string): Promise<void> {
  await waitFor(`the end of all processes with ${mark}`, async () => ((await processesWith(mark)).length === 0 ? true : undefined));
}

/** A process and everything below it. */
export async function processTree(root: number): Promise<ProcessEntry[]> {
  const all = await processes();
  const tree = all.filter(({ pid }) => pid === root);
  // Each entry adds its children behind it, so the loop runs on over them.
  for (const { pid } of tree) tree.push(...all.filter(({ parent }) => parent === pid));
  return tree;
}

/** The most memory that a process has had resident, in bytes; 0 when it is gone. Linux only. */
export async function peakResidentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}
