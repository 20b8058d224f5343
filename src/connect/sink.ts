/** Where tuples go. `finish` makes the bytes safe, `publish` makes them the result, `abandon` leaves nothing behind. */
export interface Sink {
  /** Bytes of the result so far, to which it can be cut back and gone on with; undefined for one that cannot be. */
  readonly bytes: number | undefined;
  /**
   * Writes whole tuples. Resolves when the operating system has them, so a slow disk or reader slows the pipeline down:
   * 'open', or 'closed' when the reader of stdout has gone and no more is wanted. One call at a time.
   * Throws a `RainstormError` SINK_FAILED (disk full, I/O error).
   */
  write(buffers: readonly Buffer[]): Promise<'open' | 'closed'>;
  /** Everything was written: flush and close. The result is not visible yet. */
  finish(): Promise<void>;
  /** The whole job succeeded: put the result where the user asked for it. */
  publish(): Promise<void>;
  /** The job failed or was cancelled: remove what was half written. Idempotent, and safe at any moment. */
  abandon(): Promise<void>;
  /** Another attempt may go on with what is written: closes it and leaves it there. As `abandon` where nobody can go on. */
  leave(): Promise<void>;
}
