import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isSameProcessAlive, processStartTime } from '../base/process-identity.ts';
import { errnoOf } from '../base/errors.ts';

/** Who holds a lock, as the lock file says it. */
export interface LockRecord {
  readonly job: string;
  readonly pid: number;
  /** Of the process, from `processStartTime`; null where the system does not tell. */
  readonly startedAt: string | null;
  readonly host: string;
  /** Random, so that no two records are ever the same. */
  readonly nonce: string;
}

/** File systems without hard links (exFAT, some network ones) answer `link` with one of these. */
const NO_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

export function recordOfThisProcess(job: string, nonce: string): LockRecord {
  return { job, pid: process.pid, startedAt: processStartTime(process.pid) ?? null, host: hostname(), nonce };
}

/** Whether the holder may still run. One on another machine cannot be seen from here and counts as alive. */
export function isHolderAlive(record: LockRecord): boolean {
  return record.host !== hostname() || isSameProcessAlive(record.pid, record.startedAt ?? undefined);
}

/**
 * Makes a file with the record in it unless there is one; gives whether it did. A reader never sees half a record: it is
 * written under another name and linked into place. Without hard links a reader may, and then takes the lock for held.
 */
export async function createRecord(path: string, record: LockRecord): Promise<boolean> {
  const text = `${JSON.stringify(record)}\n`;
  const draft = `${path}.${record.nonce}`;
  try {
    await writeFile(draft, text, { flag: 'wx', mode: 0o644 });
    await link(draft, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.has(errnoOf(error) ?? '')) throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return createWithoutLink(path, text);
}

async function createWithoutLink(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** The record in a file; 'absent' without a file, 'unreadable' when it holds something else. */
export async function readRecord(path: string): Promise<LockRecord | 'absent' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 'absent';
    throw error;
  }
  return parseRecord(text) ?? 'unreadable';
}

function parseRecord(text: string): LockRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return isRecord(value) ? value : undefined;
}

function isRecord(value: unknown): value is LockRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { job, pid, startedAt, host, nonce } = value as Partial<Record<keyof LockRecord, unknown>>;
  const isText = typeof job === 'string' && typeof host === 'string' && typeof nonce === 'string';
  // The nonce becomes part of a file name.
  return isText && /^[0-9a-f]+$/.test(nonce) && Number.isSafeInteger(pid) && (typeof startedAt === 'string' || startedAt === null);
}
