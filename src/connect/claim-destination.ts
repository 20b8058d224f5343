import { checkDestination, type CheckedDestination, type Destination } from './destination.ts';
import { lockDestination, type DestinationLock } from './destination-lock.ts';

/**
 * Checks a destination and locks it for a job. Checked again once locked: the job that had the lock a moment ago may have
 * published in between. Throws DESTINATION, DESTINATION_BUSY.
 */
export async function claimDestination(
  destination: Destination,
  { overwrite, job }: { readonly overwrite: boolean; readonly job: string },
): Promise<{ readonly destination: CheckedDestination; readonly lock: DestinationLock }> {
  const checked = await checkDestination(destination, overwrite);
  const lock = await lockDestination(checked, job);
  try {
    return { destination: await checkDestination(destination, overwrite), lock };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
