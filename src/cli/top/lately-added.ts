/** What not every leader has that one may meet: asked for loosely, and done without where it is not there. */
import { z } from 'zod';
import { RainstormError } from '../../base/errors.ts';
import type { ControlClient } from '../../control/client.ts';
import type { Route } from '../../control/routes.ts';

const nothing = z.undefined();

const explained = z.object({ sentence: z.string() });

const explainRoute: Route<undefined, z.output<typeof explained>> = { method: 'GET', path: '/v1/jobs/:job/explain', body: nothing, reply: explained };

const workerRow = z.object({
  worker: z.string(),
  hostname: z.string(),
  pid: z.int(),
  /** A command that has a job's stdin or stdout. */
  edge: z.boolean().default(false),
  /** In cores, of the worker and its operators. */
  cpuShare: z.number().default(0),
  memoryBytes: z.number().default(0),
  tasks: z.int().default(0),
  jobs: z.array(z.string()).default([]),
});
export type WorkerRow = z.output<typeof workerRow>;

const workersRoute: Route<undefined, WorkerRow[]> = { method: 'GET', path: '/v1/workers', body: nothing, reply: z.array(workerRow) };

/** What limits a job; undefined where its leader does not say. Throws UNREACHABLE. */
export async function bottleneckOf(client: ControlClient, job: string, timeoutMs: number): Promise<string | undefined> {
  return (await ifThere(() => client.call(explainRoute, undefined, { params: { job }, timeoutMs })))?.sentence;
}

/** Undefined where the leader does not say. Throws UNREACHABLE. */
export async function workersOf(client: ControlClient, timeoutMs: number): Promise<WorkerRow[] | undefined> {
  return await ifThere(() => client.call(workersRoute, undefined, { timeoutMs }));
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
