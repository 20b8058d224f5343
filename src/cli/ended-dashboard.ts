/** The dashboard of jobs that have ended, where no leader lives: this process is one that takes no jobs. */
import { resolve } from 'node:path';
import { serveLeader } from '../api/leader-server.ts';
import { systemClock } from '../base/clock.ts';
import { ControlClient } from '../control/client.ts';
import { ANY_LOCAL_PORT } from '../launch/listen-address.ts';
import { makeToken } from '../launch/make-token.ts';
import { DEFAULT_KEEP } from '../leader/keep-limits.ts';
import { Leader } from '../leader/leader.ts';

/** Serves until `enough`. `shown` gets the way to its links as soon as it answers. */
export async function serveEnded(dataDir: string, shown: (client: ControlClient) => Promise<void>, enough: Promise<void>): Promise<void> {
  const token = makeToken();
  const leader = await Leader.start({ dataDir: resolve(dataDir), token, clock: systemClock, keep: DEFAULT_KEEP, replacesWorkers: false });
  try {
    const server = await serveLeader({ leader, token, tokenGiven: false, listen: ANY_LOCAL_PORT, onlyEnded: true });
    try {
      await shown(new ControlClient(server.url, token));
      await enough;
    } finally {
      await server.close();
    }
  } finally {
    leader.close();
  }
}
