/**
 * One live job per destination: a lock file beside it, `.<name>.rainstorm-lock`, that says which process has it.
 *
 * A lock whose process is dead must be taken over, and deleting it would be wrong: between reading a dead holder's record
 * and deleting the file, another contender may have put its own there. So nobody deletes what is not its own.
 *
 * D1 Every record has a nonce of its own. The successor of the holder with nonce X stands in `<lock>.after-X`.
 * D2 The holder is the last record of the chain that begins with the lock file. All records are made exclusively, so each
 *    record has at most one successor, ever.
 * D3 A contender walks the chain. Last record alive: refused. Dead: it tries to become that record's successor.
 * D4 Who succeeded walks the chain again from its beginning, and holds the lock only if it ends in its own record.
 *    Otherwise it had looked at a chain that was replaced meanwhile; it removes its own record and starts again.
 * D5 The holder renames its record onto the lock file: one step that makes it the chain's beginning and frees the slot that
 *    it stood in. A slow contender that fills a slot of the old chain fails D4, since a nonce never comes back.
 * D6 Only the holder removes the lock file.
 */
import { randomBytes } from 'node:crypto';
import { realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import type { CheckedDestination } from './destination.ts';
import { createRecord, isHolderAlive, readRecord, recordOfThisProcess, type LockRecord } from './lock-record.ts';

/** Each new try means that some other contender got on; so many in a row mean that something else is wrong. */
const MAX_TRIES = 100;

/** Longer chains come from as many processes that died within the same microseconds. */
const MAX_CHAIN_RECORDS = 100;

export interface DestinationLock {
  /** Lets other jobs have the destination. Idempotent. */
  release(): Promise<void>;
}

interface Link {
  readonly path: string;
  readonly record: LockRecord;
}

/**
 * Takes the lock of a file or folder whose parent exists; stdout and devices need none.
 * Throws DESTINATION_BUSY, naming job and pid, when a live job has it, and DESTINATION when the lock cannot be written.
 */
export async function lockDestination(destination: CheckedDestination, job: string): Promise<DestinationLock> {
  if (destination.kind === 'stdout' || destination.kind === 'device') return { release: async () => undefined };
  const { path, written } = destination;
  try {
    const lockPath = join(await realpath(dirname(path)), `.${basename(path)}.rainstorm-lock`);
    return await acquire(lockPath, written, job);
  } catch (error) {
    if (error instanceof RainstormError) throw error;
    throw new RainstormError('DESTINATION', `cannot lock the destination ${written}: ${reasonOf(error)}`, { cause: error });
  }
}

async function acquire(lockPath: string, written: string, job: string): Promise<DestinationLock> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    // A nonce for each try: a record that had to be removed must never be mistaken for a later one.
    const record = recordOfThisProcess(job, randomBytes(16).toString('hex'));
    const chain = await readChain(lockPath, written);
    const last = chain.at(-1);
    if (last !== undefined && isHolderAlive(last.record)) throw busy(last, written);
    const slot = last === undefined ? lockPath : successorPath(lockPath, last.record);
    if ((await createRecord(slot, record)) && (await hold(lockPath, slot, record, written))) return holding(lockPath, record);
  }
  throw new RainstormError('DESTINATION_BUSY', `the destination ${written} is being locked by others again and again`);
}

/** D4 and D5 for a record that was just made: false, and the record is gone again, when the chain does not end in it. */
async function hold(lockPath: string, slot: string, record: LockRecord, written: string): Promise<boolean> {
  try {
    const chain = await readChain(lockPath, written);
    const held = chain.at(-1)?.record.nonce === record.nonce;
    if (!held) await rm(slot, { force: true });
    else if (slot !== lockPath) await replaceChain(lockPath, chain);
    return held;
  } catch (error) {
    // This process lives on, so a record left behind would keep everybody out.
    await rm(slot, { force: true });
    await holding(lockPath, record).release();
    throw error;
  }
}

/** The records from the lock file on, in order of succession. */
async function readChain(lockPath: string, written: string): Promise<Link[]> {
  const chain: Link[] = [];
  let path = lockPath;
  while (chain.length < MAX_CHAIN_RECORDS) {
    const record = await readRecord(path);
    if (record === 'absent') return chain;
    if (record === 'unreadable') throw unreadable(path, written);
    chain.push({ path, record });
    path = successorPath(lockPath, record);
  }
  throw unreadable(lockPath, written);
}

/** D5, then the records of those who died on the way are removed: nothing leads to them any more. */
async function replaceChain(lockPath: string, chain: readonly Link[]): Promise<void> {
  const own = chain.at(-1);
  if (own !== undefined) await rename(own.path, lockPath);
  for (const { path } of chain.slice(1, -1)) await rm(path, { force: true });
}

function successorPath(lockPath: string, record: LockRecord): string {
  return `${lockPath}.after-${record.nonce}`;
}

function holding(lockPath: string, record: LockRecord): DestinationLock {
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    const found = await readRecord(lockPath);
    // Somebody may have removed the file by hand and a job have locked anew.
    if (typeof found === 'object' && found.nonce === record.nonce) await rm(lockPath, { force: true });
  };
  return { release: () => (released ??= release()) };
}

function busy({ path, record }: Link, written: string): RainstormError {
  return new RainstormError(
    'DESTINATION_BUSY',
    `job ${record.job} (pid ${record.pid} on ${record.host}) is writing to the destination ${written}`,
    { hint: `Wait for it, cancel it, or choose another destination. If that job is gone for good, remove ${path}.` },
  );
}

function unreadable(path: string, written: string): RainstormError {
  return new RainstormError('DESTINATION_BUSY', `the destination ${written} is locked by ${path}, which names no job`, {
    hint: `If no job is writing to ${written}, remove ${path}.`,
  });
}
