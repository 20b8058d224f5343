/** All processes of this machine, as Linux's /proc shows them. */
import { readFileSync, readdirSync } from 'node:fs';
import { errnoOf } from './errors.ts';
import { pageBytes } from './page-size.ts';

export interface ProcessEntry {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Processor time of it and of those children that have ended and were waited for, in milliseconds. */
  readonly cpuMs: number;
  /** Memory that it has, what it shares with others included. */
  readonly residentBytes: number;
}

/** Positions behind the command's name in /proc/<pid>/stat: proc(5)'s fields 4 to 6, 14 to 17, and 24. */
const PARENT_FIELD = 1;
const GROUP_FIELD = 2;
const SESSION_FIELD = 3;
const FIRST_TIME_FIELD = 11;
const TIME_FIELDS = 4;
const RESIDENT_PAGES_FIELD = 21;

/** Linux counts a hundred ticks a second towards programs, whatever the kernel's own clock does (USER_HZ). */
const MS_PER_TICK = 10;

let pageSize: number | undefined;

/** By pid. Empty where there is no /proc. */
export function readProcessTable(): Map<number, ProcessEntry> {
  return new Map(processIds().flatMap((pid) => {
    const entry = parseStat(readOfProcess(pid, 'stat'));
    return entry === undefined ? [] : [[pid, entry] as const];
  }));
}

/** A file of /proc/<pid>. Undefined for a process that has ended meanwhile, or is another user's. */
export function readOfProcess(pid: number, file: 'stat' | 'environ'): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errnoOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** The command's name is in parentheses and may itself hold spaces and parentheses. */
function parseStat(stat: string | undefined): ProcessEntry | undefined {
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number) ?? [];
  const [parent, group, session] = [fields[PARENT_FIELD], fields[GROUP_FIELD], fields[SESSION_FIELD]];
  if (parent === undefined || group === undefined || session === undefined) return undefined;
  const ticks = fields.slice(FIRST_TIME_FIELD, FIRST_TIME_FIELD + TIME_FIELDS).reduce((sum, field) => sum + field, 0);
  pageSize ??= pageBytes();
  return { parent, group, session, cpuMs: ticks * MS_PER_TICK, residentBytes: (fields[RESIDENT_PAGES_FIELD] ?? 0) * pageSize };
}

function processIds(): number[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
