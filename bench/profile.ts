/**
 * The functions that took most of a process's time, from the profiles that bench/profiles/README.md tells how to make.
 *
 *     node bench/profile.ts FILE...
 *
 * Times are of a function alone, without what it called; shares are of the time that the process was not idle.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { operatorOf, parseProfile, selfTimes } from './suite/profile.ts';
import { rounded, table, whole } from './suite/table.ts';

/** What comes after these is mostly below a percent each. */
const SHOWN = 15;

const IDLE = '(idle)';

const files = process.argv.slice(2);
if (files.length === 0) throw new Error('name at least one .cpuprofile');
for (const file of files) show(file);

function show(file: string): void {
  const profile = parseProfile(readFileSync(file, 'utf8'));
  const times = selfTimes(profile);
  const busyMs = times.reduce((sum, { place, ms }) => (place === IDLE ? sum : sum + ms), 0);
  const rows = times.filter(({ place }) => place !== IDLE).slice(0, SHOWN).map(({ place, ms }) => [place, whole(ms), rounded((ms / busyMs) * 100, 1)]);
  const idleMs = times.find(({ place }) => place === IDLE)?.ms ?? 0;
  const operator = operatorOf(profile);
  console.log([`${basename(file)}${operator === undefined ? '' : `, operator ${operator}`}: ${whole(busyMs)} ms busy, ${whole(idleMs)} ms idle`, '', ...table(['function', 'ms', '%'], rows), ''].join('\n'));
}
