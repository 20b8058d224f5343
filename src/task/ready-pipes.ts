/**
 * Pipes that were made before they are needed: making one starts a program, for which an operator that is started, or started
 * again after a crash, need not wait. Linux only, where a pipe can be opened by any descriptor of it.
 */
import { existsSync, openSync } from 'node:fs';
import { makeNamedPipes } from './named-pipes.ts';

/** Linux's O_PATH, which Node does not list: the descriptor names the file and does not open it. */
const O_PATH = 0o10000000;

export const OPENS_BY_INODE = process.platform === 'linux' && existsSync('/proc/self/fd');

/** Two operators with the control protocol have five each; larger stages start in the time that theirs take to make. */
const READY_PIPES = 12;

/** Operators that are just being started have better use for the processor. */
const REFILL_MS = 500;

let kept = false;
let refilling: NodeJS.Timeout | undefined;
const ready: number[] = [];

/** A descriptor of the pipe with this path and neither of its ends. */
export function openInode(path: string): number {
  return openSync(path, O_PATH);
}

/** Opens a pipe by `openInode`'s descriptor of it. */
export function pathOfInode(inode: number): string {
  return `/proc/self/fd/${inode}`;
}

/** From now on some are kept ready in this process. Resolves when the first are. */
export async function keepPipesReady(): Promise<void> {
  if (!OPENS_BY_INODE || kept) return;
  kept = true;
  await fill();
}

/** At most `count`, as `openInode` gives them; whoever takes one closes it. */
export function takeReadyPipes(count: number): number[] {
  const taken = ready.splice(0, count);
  if (kept && refilling === undefined && ready.length < READY_PIPES) refilling = setTimeout(() => void fill(), REFILL_MS).unref();
  return taken;
}

async function fill(): Promise<void> {
  try {
    await makeNamedPipes(READY_PIPES - ready.length, (path) => ready.push(openInode(path)));
  } catch {
    // Whoever needs a pipe tries it again and says what is in the way.
  }
  refilling = undefined;
}
