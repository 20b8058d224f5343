/** What leaders of earlier versions do not tell, and one may meet one: then it is done without. */
import { RainstormError } from '../../base/errors.ts';
import type { ControlClient } from '../../control/client.ts';
import { leaderRoutes } from '../../control/routes.ts';
import type { WorkerView } from './state.ts';

/** What limits a job; undefined where its leader does not say. Throws UNREACHABLE. */
export async function bottleneckOf(client: ControlClient, job: string, timeoutMs: number): Promise<string | undefined> {
  return (await ifThere(() => client.call(leaderRoutes.explain, undefined, { params: { job }, timeoutMs })))?.sentence;
}

/** Undefined where the leader does not say. Throws UNREACHABLE. */
export async function workersOf(client: ControlClient, timeoutMs: number): Promise<WorkerView[] | undefined> {
  return await ifThere(() => client.call(leaderRoutes.workers, undefined, { timeoutMs }));
}

/** A leader that does not know a path says USAGE to it; one that answers in another way says nothing that helps. */
async function ifThere<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof RainstormError && (error.code === 'USAGE' || error.code === 'PROTOCOL')) return undefined;
    throw error;
  }
}
