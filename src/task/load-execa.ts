/**
 * execa, loaded when the first operator starts: it takes longer to load than all of ours together, and a worker has that
 * time while its job is being planned.
 */
export type Execa = typeof import('execa').execa;

export function loadExeca(): Promise<typeof import('execa')> {
  return import('execa');
}
