import type { JobState } from '../api/types.ts';

/** The state of a job: a word, and a dot of its colour. */
export function StateBadge({ state }: { readonly state: JobState }) {
  return <span class={`badge badge--${state}`}>{state}</span>;
}
