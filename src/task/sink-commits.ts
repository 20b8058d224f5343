/**
 * What a sink has made safe: how much of its result is written, and where each of its channels stands with it.
 *
 * C1 The data comes first, then the commit, then the acks: who recovers a sink cuts its result to the committed length, and
 *    producers still hold everything behind it.
 * C2 That everything is there and is now made the result is committed before it is done: who recovers the sink and finds no
 *    unfinished file then knows that the finished one is this job's.
 */
import { z } from 'zod';
import { RainstormError } from '../base/errors.ts';
import type { Log } from '../log/log.ts';
import type { ChannelPositions } from '../wire/in-channel.ts';

const commitSchema = z.object({
  bytes: z.int().min(0),
  tuples: z.int().min(0),
  positions: z.array(z.object({ producer: z.int().min(0), next: z.int().min(0), ended: z.boolean(), digest: z.int().min(0) })),
  finalizing: z.boolean(),
});

export interface SinkCommit {
  /** Bytes of the result. */
  readonly bytes: number;
  readonly tuples: number;
  readonly positions: ChannelPositions;
  /** C2 */
  readonly finalizing: boolean;
}

const COMMIT_TYPE = 4;

/** Only the last commit matters: those before are let go now and then. */
const CUT_EVERY_COMMITS = 1_000;

export class SinkCommits {
  readonly #log: Log;
  #sinceCut = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Of its log, which tells the task. */
  get name(): string {
    return this.#log.name;
  }

  /** Rejects with STORE_FULL, STORE_FAILED or LOG_FENCED. */
  async commit(commit: SinkCommit): Promise<void> {
    const position = await this.#log.append(COMMIT_TYPE, [Buffer.from(JSON.stringify(written(commit)))]);
    this.#sinceCut += 1;
    if (this.#sinceCut < CUT_EVERY_COMMITS) return;
    this.#sinceCut = 0;
    await this.#log.cut(position);
  }

  /** Undefined for a sink that has committed nothing. Throws LOG_CORRUPT. */
  async last(): Promise<SinkCommit | undefined> {
    if (this.#log.durable === this.#log.first) return undefined;
    for await (const { payload } of this.#log.read(this.#log.durable - 1)) {
      const parsed = commitSchema.safeParse(JSON.parse(payload.toString()));
      if (parsed.success) return { ...parsed.data, positions: new Map(parsed.data.positions.map(({ producer, ...position }) => [producer, position])) };
      throw new RainstormError('LOG_CORRUPT', `the log ${this.#log.name} holds something else than a commit of a sink`);
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}

function written(commit: SinkCommit): z.infer<typeof commitSchema> {
  return { ...commit, positions: [...commit.positions].map(([producer, { next, ended, digest }]) => ({ producer, next, ended, digest })) };
}
