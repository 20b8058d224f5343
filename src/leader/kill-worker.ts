import { RainstormError } from '../base/errors.ts';
import { ControlClient } from '../control/client.ts';
import { workerRoutes } from '../control/routes.ts';
import type { WorkerInfo } from '../control/schemas.ts';

/** Has a worker's process die as of a fault, and gives its pid. Throws UNKNOWN_WORKER, USAGE for a job's command, UNREACHABLE. */
export async function killWorker(name: string, info: WorkerInfo | undefined, token: string): Promise<number> {
  if (info === undefined) throw new RainstormError('UNKNOWN_WORKER', `there is no worker ${name} here`);
  if (info.edgeOfJob !== undefined) {
    throw new RainstormError('USAGE', `${name} is the command that has the stdin or stdout of job ${info.edgeOfJob}: killed, it would take the job with it`, { hint: 'Cancel the job instead.' });
  }
  return (await new ControlClient(info.url, token).call(workerRoutes.kill, undefined)).pid;
}
