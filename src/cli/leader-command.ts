/** `rainstorm leader`: takes jobs from `run --leader URL` and places them on the workers that join, until it is told to end. */
import { resolve } from 'node:path';
import { serveLeader } from '../api/leader-server.ts';
import { systemClock } from '../base/clock.ts';
import { checkListenAddress } from '../control/http-server.ts';
import { removeLeaderFile, writeLeaderFile } from '../leader/job-folder.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';
import { Leader } from '../leader/leader.ts';
import { ANY_LOCAL_PORT, parseListenAddress } from './listen-address.ts';
import { onEndingSignals } from './signals.ts';
import { givenToken, makeToken } from './token.ts';

export interface LeaderCommandOptions {
  readonly dataDir: string;
  readonly listen?: string;
  readonly tokenFile?: string;
  readonly keep: KeepLimits;
}

export async function leaderCommand(options: LeaderCommandOptions): Promise<number> {
  const dataDir = resolve(options.dataDir);
  const given = await givenToken(options.tokenFile);
  const token = given ?? makeToken();
  const listen = options.listen === undefined ? ANY_LOCAL_PORT : parseListenAddress(options.listen, ANY_LOCAL_PORT);
  checkListenAddress(listen, given !== undefined);
  const leader = await Leader.start({ dataDir, token, clock: systemClock, keep: options.keep, replacesWorkers: false });
  const ended = Promise.withResolvers<number>();
  const off = onEndingSignals(() => ended.resolve(0), () => process.exit(1));
  try {
    const server = await serveLeader({ leader, token, tokenGiven: given !== undefined, listen });
    await writeLeaderFile(dataDir, { url: server.url, token, pid: process.pid });
    process.stdout.write(`${server.url}\n`);
    const status = await ended.promise;
    await leader.cancelAll();
    await removeLeaderFile(dataDir);
    await server.close();
    return status;
  } finally {
    off();
    leader.close();
  }
}
