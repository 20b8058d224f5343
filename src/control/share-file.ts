/**
 * What a worker writes beside the logs of a job that is led from elsewhere: `<data-dir>/jobs/<job>/worker-<name>.json`, by
 * which others tell in that folder whether it still hosts a share of the job.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errnoOf } from '../base/errors.ts';
import { namesIn } from '../base/names-in.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';

const PREFIX = 'worker-';
const SUFFIX = '.json';

const share = z.object({ worker: z.string(), pid: z.int(), startTime: z.string().optional(), hostname: z.string(), ended: z.boolean() });
export type Share = z.infer<typeof share>;

/** The folder is made if needed. Throws system errors. */
export async function writeShareFile(jobFolder: string, content: Share): Promise<void> {
  await mkdir(jobFolder, { recursive: true });
  await writeFile(join(jobFolder, `${PREFIX}${encodeURIComponent(content.worker)}${SUFFIX}`), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** `hosted`: a worker has a share of the job here, or may have on its machine. `left`: each that had one has ended it, or died. `unknown`: none has said so. */
export async function shareStanding(jobFolder: string): Promise<'hosted' | 'left' | 'unknown'> {
  const names = (await namesIn(jobFolder)).filter((name) => name.startsWith(PREFIX) && name.endsWith(SUFFIX));
  const shares = await Promise.all(names.map((name) => readShare(join(jobFolder, name))));
  if (shares.length === 0) return 'unknown';
  // What cannot be read is being written.
  return shares.some((each) => each === undefined || isHosted(each)) ? 'hosted' : 'left';
}

function isHosted({ ended, pid, startTime, hostname: host }: Share): boolean {
  return !ended && (host !== hostname() || isSameProcessAlive(pid, startTime));
}

async function readShare(path: string): Promise<Share | undefined> {
  try {
    return share.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
