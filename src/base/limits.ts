/** Limits that more than one part of the system must agree on. Limits of one file stand in that file. */

/** Tuples are cut into frames of about this size: large enough that per-frame work vanishes, small enough to share a socket fairly. */
export const FRAME_TARGET_BYTES = 64 * 1024;

/** Where a stage without a key moves on to the next consumer: every so many bytes of the producer's output. */
export const SPREAD_RUN_BYTES = 64 * 1024;

/** The longest tuple taken unless the user says otherwise. Longer ones are nearly always a lost newline or quote. */
export const DEFAULT_MAX_TUPLE_BYTES = 64 * 1024 * 1024;

/** What the journals of a job may take on disk unless the user says otherwise; then the job fails with a clear reason, not the machine. */
export const DEFAULT_STORE_LIMIT_BYTES = 64 * 1024 * 1024 * 1024;

/** The most parallel tasks a stage may have; each is an operating system process. */
export const MAX_TASKS_PER_STAGE = 256;

/** The most worker processes that one command starts; each is a Node process of some 60 MB. */
export const MAX_WORKERS = 256;

/** What a worker may hold in frames that were sent to it and not yet fed to an operator; divided among its channels. */
export const WORKER_WINDOW_BUDGET_BYTES = 32 * 1024 * 1024;

/** The largest share of that one channel gets: beyond this more window brings no more throughput. */
export const MAX_CHANNEL_WINDOW_BYTES = 512 * 1024;

/** The smallest share: below this nearly every tuple would wait for credit of its own. */
export const MIN_CHANNEL_WINDOW_BYTES = 2 * 1024;

/** What people are told of a key; of a longer one it is not known which task it goes to. */
export const MAX_TOLD_KEY_BYTES = 64;
