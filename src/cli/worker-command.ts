/** `rainstorm worker`: hosts tasks for a leader until it is told to end or the leader is gone. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { RainstormError } from '../base/errors.ts';
import { expectLargeBuffers } from '../base/large-buffers.ts';
import { readLeaderFile } from '../leader/job-folder.ts';
import type { KeepLimits } from '../leader/keep-limits.ts';
import { loadExeca } from '../task/load-execa.ts';
import { keepPipesReady } from '../task/ready-pipes.ts';
import { Worker } from '../worker/worker.ts';
import { ANY_LOCAL_PORT, parseListenAddress } from '../launch/listen-address.ts';
import { formatError } from './print-error.ts';
import type { LogLevel, ProcessLog } from './process-log.ts';
import { pruneShares } from '../launch/prune-shares.ts';
import { onEndingSignals } from './signals.ts';
import { givenToken } from './token.ts';
import type { LeaderWord } from '../launch/worker-processes.ts';

/**
 * A worker that has not reached its leader for this long ends its operators and itself. A leader that is started again takes
 * its jobs over meanwhile; that of a command is not, since it dies with the command.
 */
const LEADERLESS_MS = 30_000;
const COMMANDLESS_MS = 3_000;

/** `--leader -`: whoever started this worker tells it on stdin where its leader is. */
const LEADER_ON_STDIN = '-';

export interface WorkerCommandOptions {
  readonly leader?: string;
  readonly name?: string;
  readonly dataDir: string;
  readonly listen?: string;
  readonly dataListen?: string;
  readonly advertise?: string;
  readonly advertiseData?: string;
  readonly tokenFile?: string;
  /** Of what its shares of ended jobs have left in the data folder. */
  readonly keep: KeepLimits;
  /** Of what it says on stderr, where it was started by hand. */
  readonly logLevel: LogLevel;
}

/** Gives the exit status: 0 when told to end, 1 when the leader is lost. */
export async function workerCommand(options: WorkerCommandOptions): Promise<number> {
  expectLargeBuffers();
  void keepPipesReady();
  const { url, token } = await findLeader(options);
  const loading = loadExeca();
  const ended = Promise.withResolvers<number>();
  let say: ProcessLog | undefined;
  const off = onEndingSignals(() => ended.resolve(0), () => process.exit(1));
  const listen = options.listen === undefined ? ANY_LOCAL_PORT : parseListenAddress(options.listen, ANY_LOCAL_PORT);
  const { worker, info } = await Worker.start({
    name: options.name ?? `${hostname()}-${process.pid}`,
    leaderUrl: url,
    token,
    dataDir: resolve(options.dataDir),
    listen,
    dataListen: options.dataListen === undefined ? { host: listen.host, port: 0 } : parseListenAddress(options.dataListen, { host: listen.host, port: 0 }),
    advertise: options.advertise,
    advertiseData: options.advertiseData === undefined ? undefined : parseListenAddress(options.advertiseData, ANY_LOCAL_PORT),
    shareEnded: () => pruneShares(resolve(options.dataDir), options.keep),
    leaderlessMs: options.leader === LEADER_ON_STDIN ? COMMANDLESS_MS : LEADERLESS_MS,
    said: (event, details) => say?.(event, details),
    lost: (error) => {
      const why = `worker ${info.worker} has lost its leader and ends: ${error.message}`;
      if (say === undefined) process.stderr.write(`${formatError(new RainstormError('UNREACHABLE', why))}\n`);
      else say('LOST', why);
      ended.resolve(1);
    },
  });
  try {
    if (options.leader !== LEADER_ON_STDIN) say = await openLog(options.logLevel);
    say?.('START', `worker ${info.worker} pid=${process.pid} url=${info.url} leader=${url}`);
    await worker.join(info);
    say?.('NOTE', 'joined the leader');
    await loading;
    return await ended.promise;
  } finally {
    off();
    await worker.end();
    say?.('END', `worker ${info.worker}`);
  }
}

/** Loaded by those workers only that use it: how fast a worker starts is how fast a `run` does. */
async function openLog(level: LogLevel): Promise<ProcessLog> {
  const { openProcessLog } = await import('./process-log.ts');
  return await openProcessLog({ name: 'worker', level });
}

/** A leader started in the same folder is found by its file; any other is named with its token. */
async function findLeader(options: WorkerCommandOptions): Promise<LeaderWord> {
  if (options.leader === LEADER_ON_STDIN) return await readLeaderWord();
  const found = await readLeaderFile(resolve(options.dataDir));
  const url = options.leader ?? found?.url;
  const token = (await givenToken(options.tokenFile)) ?? (found?.url === url ? found?.token : undefined);
  if (url === undefined) throw new RainstormError('USAGE', 'which leader? none was named and there is none in this folder', { hint: 'Name it with --leader URL.' });
  if (token === undefined) {
    throw new RainstormError('WRONG_TOKEN', `the leader at ${url} wants a token`, { hint: 'Give it with --token-file FILE or RAINSTORM_TOKEN.' });
  }
  return { url, token };
}

async function readLeaderWord(): Promise<LeaderWord> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  // Whoever was to tell has died first.
  if (text === '') throw new RainstormError('UNREACHABLE', 'this worker was not told where its leader is');
  return leaderWord.parse(JSON.parse(text));
}

const leaderWord = z.object({ url: z.string(), token: z.string() });
