import type { GroupCommit } from './group-commit.ts';
import type { Durability } from './log.ts';
import type { StoreSpace } from './store-space.ts';

/** What all logs of a disk store have in common. */
export interface LogStorage {
  /** The store's folder. */
  readonly root: string;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly space: StoreSpace;
  readonly committer: GroupCommit;
}
