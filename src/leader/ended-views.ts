/**
 * What users see of a job, kept in its folder when it has ended (`views.json`, beside `job.json`): its tasks, plan and history,
 * so that whoever leads from that folder later can show it as the leader did that ran it.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RainstormError, errnoOf } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { explainView, historyView, planView, taskView } from '../control/views.ts';
import { writeWhole } from './job-folder.ts';

/** The history is bounded; tasks are some 500 bytes each, so this is a job of tens of thousands. */
const MAX_BYTES = 32 * 1024 * 1024;

const endedViews = z.object({ tasks: z.array(taskView), plan: planView, history: historyView, explain: explainView });
export type EndedViews = z.infer<typeof endedViews>;

/** The folder is there. Throws system errors. */
export async function writeEndedViews(folder: string, views: EndedViews): Promise<void> {
  const whole = JSON.stringify(views);
  // Its tasks can be looked up in their logs; what became of the job cannot.
  await writeWhole(pathIn(folder), Buffer.byteLength(whole) <= MAX_BYTES ? whole : JSON.stringify({ ...views, tasks: [] }), 0o644);
}

/** Throws USAGE where there are none, or the file is none of ours. */
export async function readEndedViews(folder: string): Promise<EndedViews> {
  const path = pathIn(folder);
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw new RainstormError('USAGE', `${path} cannot be read as a job's views: it has ${size} bytes, and ours have up to ${MAX_BYTES}`);
    return endedViews.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    if (cause instanceof RainstormError) throw cause;
    if (errnoOf(cause) === 'ENOENT') throw new RainstormError('USAGE', `of the job in ${folder} only its end is kept: there is no views.json`, { cause });
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : reasonOf(cause);
    throw new RainstormError('USAGE', `${path} cannot be read as a job's views: ${reason}`, { cause });
  }
}

function pathIn(folder: string): string {
  return join(folder, 'views.json');
}
