/**
 * What a job's leader has decided, written down before anybody is told, so that another leader can go on with it.
 *
 * J5 Nothing is told to a worker before the decision behind it is in the journal.
 * J6 A journal has one leader at a time. Who takes it over does so under the next term, which the workers are told: they do
 *    not listen to an older one, and what an older one still writes fails.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RainstormError } from '../base/errors.ts';
import { jobPlan } from '../control/plan-schema.ts';
import { deployment, jobEnd, submission, taskStatus, workerInfo } from '../control/schemas.ts';
import { DiskStore } from '../log/disk-store.ts';
import type { Durability, Log, LogStore } from '../log/log.ts';

const LOG_NAME = 'leader';

const RECORD_TYPE = 8;

/** A journal of a job that runs for weeks and loses workers stays far below; more is no journal of a job. */
const LIMIT_BYTES = 1024 * 1024 * 1024;

const submitted = z.object({
  kind: z.literal('submitted'),
  submission,
  startedAt: z.string(),
  plan: jobPlan,
  source: deployment.shape.source,
  sink: deployment.shape.sink,
  store: deployment.shape.store,
  notes: z.array(z.string()),
  remarks: z.array(z.string()),
});

const placed = z.object({
  kind: z.literal('placed'),
  version: z.int(),
  secret: z.string(),
  windowBytes: z.int(),
  places: deployment.shape.placement,
  workers: z.array(workerInfo),
  /** What was last known of the tasks that have no place any more: they have finished. */
  over: z.array(taskStatus),
  /** Stages that do not have their first generation any more. */
  rescaled: z.array(z.object({ stage: z.int(), tasks: z.int(), generation: z.int(), predecessors: z.int().optional() })).default([]),
  rescaling: deployment.shape.rescaling,
});

const ended = z.object({ kind: z.literal('ended'), ...jobEnd.shape });

const record = z.discriminatedUnion('kind', [submitted, placed, ended]);

export type JournalRecord = z.infer<typeof record>;
export type Submitted = z.infer<typeof submitted>;
export type Placed = z.infer<typeof placed>;
type Ended = z.infer<typeof ended>;

/** What a journal says of its job. */
export interface JournaledJob {
  readonly submitted: Submitted;
  /** The last; undefined where no task has been placed yet. */
  readonly placed: Placed | undefined;
  readonly ended: Ended | undefined;
}

export class JobJournal {
  readonly #log: Log;

  private constructor(log: Log) {
    this.#log = log;
  }

  /** Begins the journal of a new job, or takes one over that another leader has begun. Throws STORE_FAILED, LOG_CORRUPT. */
  static async open(jobFolder: string, durability: Durability = 'process'): Promise<JobJournal> {
    return JobJournal.openIn(await DiskStore.open({ folder: folderIn(jobFolder), durability, limitBytes: LIMIT_BYTES }));
  }

  /** The same, in a store that holds no other job's. */
  static async openIn(store: LogStore): Promise<JobJournal> {
    return new JobJournal(await store.open(LOG_NAME, (await store.owner(LOG_NAME)) + 1));
  }

  /** Of this leader: greater than that of each before. */
  get term(): number {
    return this.#log.attempt;
  }

  /** Resolves when it is durable. Rejects with DEPOSED (J6), STORE_FULL or STORE_FAILED. */
  async append(entry: JournalRecord): Promise<void> {
    try {
      await this.#log.append(RECORD_TYPE, [Buffer.from(JSON.stringify(entry))]);
    } catch (error) {
      if (!(error instanceof RainstormError) || error.code !== 'LOG_FENCED') throw error;
      throw new RainstormError('DEPOSED', error.message, { cause: error });
    }
  }

  /** Undefined where the leader before died before it had written what the job is. Throws LOG_CORRUPT. */
  async read(): Promise<JournaledJob | undefined> {
    let job: { submitted?: Submitted; placed?: Placed; ended?: Ended } = {};
    for await (const { payload } of this.#log.read(this.#log.first)) {
      const parsed = record.safeParse(JSON.parse(payload.toString()));
      if (!parsed.success) throw new RainstormError('LOG_CORRUPT', `the leader's journal holds something else than its decisions: ${z.prettifyError(parsed.error)}`);
      job = { ...job, [parsed.data.kind]: parsed.data };
    }
    return job.submitted === undefined ? undefined : { submitted: job.submitted, placed: job.placed, ended: job.ended };
  }

  async close(): Promise<void> {
    await this.#log.close();
  }
}

export function hasJobJournal(jobFolder: string): boolean {
  return existsSync(folderIn(jobFolder));
}

/** Forgets the journal of a job that nobody will go on with. */
export async function removeJobJournal(jobFolder: string): Promise<void> {
  await rm(folderIn(jobFolder), { recursive: true, force: true });
}

function folderIn(jobFolder: string): string {
  return join(jobFolder, 'leader');
}
