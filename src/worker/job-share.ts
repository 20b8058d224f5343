/** A worker's word, in its data folder, that it hosts a share of a job: only where no leader keeps the job's folder there. */
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { processStartTime } from '../base/process-identity.ts';
import { writeShareFile, type Share } from '../control/share-file.ts';

export class JobShare {
  readonly #folder: string;
  readonly #share: Omit<Share, 'ended'>;

  private constructor(folder: string, worker: string) {
    this.#folder = folder;
    this.#share = { worker, pid: process.pid, startTime: processStartTime(process.pid), hostname: hostname() };
  }

  /** Undefined where a leader keeps the folder. */
  static async begin(dataDir: string, job: string, worker: string): Promise<JobShare | undefined> {
    const folder = join(dataDir, 'jobs', job);
    if (existsSync(join(folder, 'leader.json'))) return undefined;
    const made = new JobShare(folder, worker);
    await writeShareFile(folder, { ...made.#share, ended: false });
    return made;
  }

  async end(): Promise<void> {
    await writeShareFile(this.#folder, { ...this.#share, ended: true });
  }
}
