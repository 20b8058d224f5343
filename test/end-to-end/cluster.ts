/** Leaders and workers that are started by hand, each with a data folder of its own. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCli, type RunningCli } from './cli.ts';
import { waitFor } from './processes.ts';

export interface HandLeader {
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  readonly cli: RunningCli;
}

/** Starts `rainstorm leader` in `cwd` and waits until it listens. */
export async function startLeader(cwd: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<HandLeader> {
  const dataDir = join(cwd, 'leader-data');
  const cli = startCli(['leader', '--data-dir', dataDir, ...args], { cwd, env });
  const printed: Buffer[] = [];
  cli.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  const url = await waitFor('the address of the leader', () => /^(http\S+)\n/.exec(Buffer.concat(printed).toString())?.[1]);
  const { token } = JSON.parse(await readFile(join(dataDir, 'leader.json'), 'utf8')) as { token: string };
  return { url, token, dataDir, cli };
}

/** Starts `rainstorm worker` and waits until the leader knows it. */
export async function startWorker(cwd: string, leader: HandLeader, name: string, args: readonly string[] = []): Promise<RunningCli> {
  const cli = startCli(['worker', '--leader', leader.url, '--name', name, '--data-dir', join(cwd, `${name}-data`), ...args], {
    cwd,
    env: { RAINSTORM_TOKEN: leader.token },
  });
  const log = join(leader.dataDir, 'logs', 'leader.log');
  await waitFor(`worker ${name}`, async () => ((await readFile(log, 'utf8')).includes(`worker ${name} joined`) ? true : undefined));
  return cli;
}
