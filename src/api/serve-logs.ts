/** A task's log: from the worker that hosts the task, or from the folder of a job that has ended. What is wanted of it is picked out where it lies. */
import { Readable } from 'node:stream';
import { RainstormError } from '../base/errors.ts';
import { ControlClient } from '../control/client.ts';
import type { HttpServer } from '../control/http-server.ts';
import { parseLogQuery, type LogQuery } from '../control/log-query.ts';
import { readLog } from '../control/read-log.ts';
import { LOG_PATH } from '../control/routes.ts';
import type { Leader } from '../leader/leader.ts';

export function serveLogs(server: HttpServer, leader: Leader, token: string): void {
  server.app.get(LOG_PATH, async (request, reply) => {
    const { job = '', task = '' } = request.params as Record<string, string>;
    const query = parseLogQuery(request.query as Record<string, string>);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return reply.type('text/plain; charset=utf-8').send(await logOf(leader, token, { job, task, query, gone: gone.signal }));
  });
}

interface Wanted {
  readonly job: string;
  readonly task: string;
  readonly query: LogQuery;
  readonly gone: AbortSignal;
}

async function logOf(leader: Leader, token: string, { job, task, query, gone }: Wanted): Promise<Readable> {
  const run = leader.run(job);
  // Its workers let a job go as it ends.
  if (run === undefined || run.endedAt !== undefined) return readLog(await leader.ended.logPath(job, task), query, () => true);
  const worker = run.workerOf(task);
  if (worker === undefined) throw new RainstormError('UNKNOWN_TASK', `job ${job} has no task ${task}`, { hint: 'rainstorm tasks lists them.' });
  return Readable.from(await new ControlClient(worker.url, token).log(job, task, query, gone));
}
