import { RainstormError } from '../base/errors.ts';
import type { Deployment } from '../control/schemas.ts';
import { DiskStore } from '../log/disk-store.ts';
import type { LogStore } from '../log/log.ts';

/**
 * Opens a job's store as its leader describes it. The store is a folder, so it serves the workers of one machine: one that
 * sees another folder under that path would find no journals there. Throws STORE_FAILED.
 */
export async function openStore(store: NonNullable<Deployment['store']>, worker: string): Promise<LogStore> {
  const { folder, durability, limitBytes, identity } = store;
  const opened = await DiskStore.open({ folder, durability, limitBytes });
  if ((await opened.identity()) !== identity) {
    throw new RainstormError('STORE_FAILED', `worker ${worker} does not see the leader's store in ${folder}`, {
      hint: 'This store is for workers on one machine. Start them there, or give up recovery with --delivery best-effort.',
    });
  }
  return opened;
}
