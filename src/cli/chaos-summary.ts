import type { ChaosKind } from '../job/chaos-argument.ts';
import type { ChaosSummary } from '../leader/chaos-record.ts';
import { formatTable } from './table.ts';

const ONE_OF: Readonly<Record<ChaosKind, string>> = { tasks: 'task', workers: 'worker', leader: 'leader' };

/** Every kill with its time, its victim and how long the recovery took; then the median and the longest. Ends with a newline. */
export function formatChaos({ seed, kills, medianMs, maxMs }: ChaosSummary): string {
  const head = `chaos with seed ${seed}: ${kills.length === 1 ? '1 kill' : `${kills.length} kills`}\n`;
  if (kills.length === 0) return head;
  const rows = kills.map(({ kind, name, atMs, recoveryMs }) => [
    `${(atMs / 1000).toFixed(2)} s`,
    kind === 'leader' ? ONE_OF[kind] : `${ONE_OF[kind]} ${name}`,
    recoveryMs === undefined ? 'the job ended before' : `${Math.round(recoveryMs)} ms`,
  ]);
  const end = medianMs === undefined || maxMs === undefined ? '' : `recovery: median ${Math.round(medianMs)} ms, longest ${Math.round(maxMs)} ms\n`;
  return head + formatTable(['AT', 'KILLED', 'RECOVERED IN'], rows) + end;
}
