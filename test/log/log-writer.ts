/**
 * A process that appends to a log until it cannot: record n is `payload(sizeOf(n))`. Arguments: the store's folder, its
 * durability, the attempt, and, if it shall stop itself, before which look at the owner's folder. It prints each confirmed
 * position on a line of its own, at once, and at the end the code of the error.
 */
import fs, { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { RainstormError } from '../../src/base/errors.ts';
import { DiskStore } from '../../src/log/disk-store.ts';
import type { Durability, Log } from '../../src/log/log.ts';
import { payload, sizeOf } from './records.ts';

/** Enough that there is always one waiting while others are being written. */
const APPENDS_AT_ONCE = 8;

const [folder = '', durability = '', attempt = '', stopAt = '0'] = process.argv.slice(2);

const realStat = fs.statSync;
let looks = 0;

function stopAndLook(...args: Parameters<typeof realStat>): ReturnType<typeof realStat> {
  looks++;
  if (looks === Number(stopAt)) process.kill(process.pid, 'SIGSTOP');
  return realStat(...args);
}

Object.assign(fs, { statSync: stopAndLook });
syncBuiltinESMExports();

async function appendWithoutEnd(log: Log): Promise<void> {
  for (;;) writeSync(1, `${await log.append(1, [payload(sizeOf(log.next))])}\n`);
}

try {
  const store = await DiskStore.open({ folder, durability: durability as Durability, segmentBytes: 100_000 });
  const log = await store.open('log', Number(attempt));
  await Promise.all(Array.from({ length: APPENDS_AT_ONCE }, () => appendWithoutEnd(log)));
} catch (error) {
  if (!(error instanceof RainstormError)) throw error;
  writeSync(1, `${error.code}\n`);
  process.exit(0);
}
