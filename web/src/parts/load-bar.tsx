/** Where the time of operators goes, as a bar: busy, blocked by those behind, and waiting for input. */
import { formatPercent } from '../format.ts';

export interface Shares {
  readonly busyShare: number;
  readonly blockedShare: number;
}

export function LoadBar({ busyShare, blockedShare }: Shares) {
  const busy = Math.min(1, busyShare);
  const blocked = Math.min(1 - busy, blockedShare);
  return (
    <div class="load-bar" role="img" aria-label={`busy ${formatPercent(busyShare)}, blocked ${formatPercent(blockedShare)}`}>
      <div class="load-bar__busy" style={{ width: `${busy * 100}%` }} />
      <div class="load-bar__blocked" style={{ width: `${blocked * 100}%` }} />
    </div>
  );
}
