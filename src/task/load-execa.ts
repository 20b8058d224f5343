/**
 * execa, loaded when the first operator starts: it takes longer to load than all of ours together, and a worker has that
 * time while its job is being planned.
 */
import type * as execa from 'execa';

export type Execa = typeof execa.execa;

export function loadExeca(): Promise<typeof execa> {
  return import('execa');
}
