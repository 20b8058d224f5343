/** How the page stands with the leader: a word at the top always, and a bar where something is wrong. */
import { useEffect, useState } from 'preact/hooks';
import { formatWait } from '../format.ts';
import type { Link } from '../live/link.ts';

const WORDS: Readonly<Record<Link['state'], string>> = { connecting: 'connecting', live: 'live', still: 'ended', lost: 'reconnecting', expired: 'logged out' };

const TICK_MS = 1_000;

export function LinkState({ link }: { readonly link: Link }) {
  return <span class={`link-state link-state--${link.state}`}>{WORDS[link.state]}</span>;
}

export function LinkBar({ link }: { readonly link: Link }) {
  return (
    <div role="status" class="link-bar-place">
      {link.state === 'lost' ? <div class="link-bar"><strong>Reconnecting…</strong> The leader has not answered for <Since ms={link.sinceMs} />; the figures stand still.</div> : null}
    </div>
  );
}

function Since({ ms }: { readonly ms: number }) {
  const nowMs = useNow();
  // Told once by ear, and not again each second.
  return <span class="num" aria-hidden="true">{formatWait(nowMs - ms)}</span>;
}

/** The time, each second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
