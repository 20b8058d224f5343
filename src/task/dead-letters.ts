/** What a task needs where tuples are left out that its operator dies of. */
export interface PoisonSettings {
  readonly deadLetters: DeadLetters;
  /** How long a search may take in all; undefined for as long as it takes. */
  readonly searchMs: number | undefined;
}

/** Where the tuples go that are left out: the same bytes at the same place any number of times are there once. */
export interface DeadLetters {
  write(bytes: Buffer, offsetBytes: number): Promise<void>;
}
