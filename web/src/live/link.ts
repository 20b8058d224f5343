/** How the page stands with the leader: one state for all of it, which the bar at the top shows. */
import { useEffect, useState } from 'preact/hooks';
import { SessionExpired, Unreachable } from '../api/call.ts';

export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Nothing is followed, since what is shown has ended. */
  | { readonly state: 'still' }
  | { readonly state: 'lost'; readonly sinceMs: number }
  | { readonly state: 'expired' };

let link: Link = { state: 'connecting' };
const listeners = new Set<(link: Link) => void>();

function become(next: Link): void {
  if (next.state === link.state) return;
  link = next;
  for (const listener of listeners) listener(next);
}

export const linkIs = {
  connecting: () => become({ state: 'connecting' }),
  live: () => become({ state: 'live' }),
  still: () => become({ state: 'still' }),
  lost: () => become({ state: 'lost', sinceMs: Date.now() }),
  expired: () => become({ state: 'expired' }),
} as const;

/** Takes what a call has thrown for what it says of the connection; throws on whatever says nothing of it. */
export function noteFailure(error: unknown): void {
  if (error instanceof SessionExpired) return linkIs.expired();
  if (error instanceof Unreachable) return linkIs.lost();
  throw error;
}

export function useLink(): Link {
  const [known, setKnown] = useState(link);
  useEffect(() => {
    listeners.add(setKnown);
    setKnown(link);
    return () => void listeners.delete(setKnown);
  }, []);
  return known;
}
