/**
 * The port behind which bytes survive a crash. A log is a sequence of records that one writer at a time appends to; who
 * recovers it takes it over under a greater attempt number and reads what the ones before left.
 *
 * L1  Records of a log have positions 0, 1, 2 …, without gaps, over all attempts. An `append` called while `next` is p
 *     gets position p.
 * L2  `append` resolves when the record is durable at the store's durability. The appends of one log become durable, and
 *     resolve, in the order of the calls.
 * L3  When an append fails, all later ones of that `Log` fail with the same error. Nothing else is lost by it.
 * L4  Whatever crashes: the next attempt finds a prefix of what was appended that holds at least every resolved record. A
 *     record whose append never resolved may or may not be among them.
 * L5  A record is read back whole and unchanged, or reading fails with LOG_CORRUPT. It is never partial, never silently
 *     left out, never another log's or another attempt's at that position.
 * L6  `open` with attempt k resolves only if every attempt before was smaller. From its taking effect on, no append of an
 *     older attempt resolves: it fails with LOG_FENCED, also when its process was frozen between writing and resolving.
 *     Every append of an older attempt that did resolve is in what attempt k reads.
 * L7  What `open` found stands: bytes that an older attempt writes afterwards are never read, by this attempt or a later.
 * L8  `cut(before)` lets everything before that position be forgotten, `first` never passes `before`, and no position is
 *     used again. A fenced attempt's `cut` takes nothing away.
 * L9  What `open` had to leave out at the end, because it was never written completely, it reports as `tornTail`.
 *
 * Not in the contract:
 * - Back pressure. Appends are queued without limit and their buffers held until they settle; who appends bounds what it
 *   has outstanding, as it must anyhow to bound what it has not acknowledged.
 * - That anything is forgotten by a `cut`, or when. Stores cut in pieces of their own size.
 * - An order between the appends of two logs.
 * - Telling a last record that rotted from one that was never completed: both are a `tornTail`. Only with a record behind
 *   it that was written after it had become durable is it LOG_CORRUPT.
 * - That a fenced writer learns of it before its next append, cut or read.
 * - Reading records which are cut meanwhile: such a `read` fails.
 */

/** The largest payload in bytes: what one system call may be asked to write, and a length that fits in 32 bits, signed. */
export const MAX_PAYLOAD_BYTES = 2 ** 31 - 1;

/** Attempts and positions are stored in 48 bits. */
export const MAX_ATTEMPT = 2 ** 48 - 1;

/**
 * 'process': a record is durable once the system call that wrote it returned; it survives the death of every process.
 * 'host': once it is on the disk; it survives a power failure.
 */
export type Durability = 'process' | 'host';

export interface LogRecord {
  readonly position: number;
  /** 0 to 255, of the appender's choosing. */
  readonly type: number;
  /** The payload, in one piece. May be a view of a larger buffer, which lives as long as it does. */
  readonly payload: Buffer;
}

/** What was found behind the last whole record and left out: the record at this position, and perhaps more behind it. */
export interface TornTail {
  readonly log: string;
  readonly position: number;
  readonly bytes: number;
}

/** One attempt's hold on a log. */
export interface Log {
  readonly name: string;
  readonly attempt: number;
  /** The smallest position that can still be read. Equal to `next` when there is none. */
  readonly first: number;
  /** Every record before this position is durable and confirmed: all found by `open`, and all resolved appends. */
  readonly durable: number;
  /** The position that the next append gets. */
  readonly next: number;
  /** What the log takes in the store, in bytes. */
  readonly bytes: number;
  /** L9: what `open` left out, if anything. */
  readonly tornTail: TornTail | undefined;

  /**
   * Appends one record, whose payload is the parts one after the other (0 to MAX_PAYLOAD_BYTES bytes in all). The parts are
   * not copied: they must not change until the promise settles. `type` is an integer from 0 to 255.
   * Gives its position (L1, L2). Rejects with LOG_FENCED, STORE_FULL or STORE_FAILED, never throws those at once.
   */
  append(type: number, parts: readonly Buffer[]): Promise<number>;

  /**
   * The records from position `from` on, in order, up to what was durable at the moment of this call; `from` lies between
   * `first` and `durable`. Iterating throws LOG_CORRUPT, LOG_FENCED or STORE_FAILED. To stop early, end the iteration
   * (`break`): it may hold a file open.
   */
  read(from: number): AsyncIterable<LogRecord>;

  /**
   * Records before `before`, at most `durable`, will never be asked for again (L8). Resolves when the store did what it
   * does about it. Rejects with LOG_FENCED or STORE_FAILED.
   */
  cut(before: number): Promise<void>;

  /** Lets the appends under way settle, then gives back what the log holds open. The attempt stays the owner. Idempotent. */
  close(): Promise<void>;
}

/** What is read of a log without taking it over. */
export type LogReader = Pick<Log, 'name' | 'first' | 'durable' | 'read'>;

/** Logs by name. Any number of processes may use one store at once. */
export interface LogStore {
  /**
   * Takes the log over, an empty one if there is none of that name (L6, L7). `name`: any text of at least 1 character, at
   * most 200 bytes once encoded for a file name. `attempt`: 1 to MAX_ATTEMPT, greater than every attempt before; a number
   * that was tried and failed midway counts as used. A full store opens too, for reading and cutting. Rejects with
   * LOG_FENCED, LOG_CORRUPT or STORE_FAILED.
   */
  open(name: string, attempt: number): Promise<Log>;

  /**
   * What there is of a log that nobody appends to any more; its owner stays. An empty one if there is none of that name. Rejects
   * with LOG_CORRUPT or STORE_FAILED, and so does reading it.
   */
  look(name: string): Promise<LogReader>;

  /** The greatest attempt that has taken the log over; 0 when none has. */
  owner(name: string): Promise<number>;

  /** The logs there are, sorted. */
  names(): Promise<string[]>;

  /** Forgets a log with all its records; its owner is fenced. A new log of that name begins anew. No log: nothing to do. */
  remove(name: string): Promise<void>;

  /** What all logs of the store take, in bytes, those of other processes too. */
  usedBytes(): Promise<number>;
}
