/** Leader and workers started one by one, as on several machines: nothing on disk is shared but source and destination. */
import { createServer, type AddressInfo } from 'node:net';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startCuttingProxy, type CuttingProxy } from '../wire/cutting-proxy.ts';
import { runCli, scratch, shell, sortedLines, startCli } from './cli.ts';
import { startLeader, startWorker, type HandLeader } from './cluster.ts';
import { rows } from './data.ts';
import { processesGone, processesWith, waitFor } from './processes.ts';

vi.setConfig({ testTimeout: 60_000 });

const ROWS = 20_000;

/** Some frames' worth: dozens of cuts in a job of so many rows. */
const CUT_AFTER_BYTES = 300_000;

interface HandCluster {
  readonly cwd: string;
  readonly leader: HandLeader;
  /** Submits a job to the leader. */
  readonly run: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** A leader and two workers, `w1` and `w2`, with a folder of rows. */
async function startCluster(argsOf: (worker: string) => readonly string[] = () => []): Promise<HandCluster> {
  const cwd = await scratch({ 'in.csv': rows(ROWS) });
  const leader = await startLeader(cwd);
  await Promise.all(['w1', 'w2'].map((name) => startWorker(cwd, leader, name, argsOf(name))));
  return { cwd, leader, run: ['run', '--leader', leader.url, '--workers', '2', '--data-dir', 'run-data'], env: { RAINSTORM_TOKEN: leader.token } };
}

/** The logs of tasks in a worker's data folder. */
async function taskLogs(cwd: string, worker: string): Promise<Map<string, string>> {
  const jobs = join(cwd, `${worker}-data`, 'jobs');
  const logs = new Map<string, string>();
  for (const job of await readdir(jobs)) {
    for (const name of await readdir(join(jobs, job, 'logs'))) logs.set(name, await readFile(join(jobs, job, 'logs', name), 'utf8'));
  }
  return logs;
}

describe('a job for a leader started by hand', () => {
  test('from file to file; each worker keeps the logs of its own tasks', async () => {
    const { cwd, run, env } = await startCluster();
    const { status, stderr } = await runCli([...run, '--quiet', '--stages', 'identity:2,aggregate=zone:2', '--src', 'in.csv', '--dest', 'out'], { cwd, env });
    expect([status, stderr]).toEqual([0, '']);
    const [header, ...counts] = (await readFile(join(cwd, 'out'), 'utf8')).trimEnd().split('\n');
    expect(header).toBe('zone,count');
    expect(counts.toSorted()).toEqual(countsByZone());
    const [first, second] = await Promise.all(['w1', 'w2'].map(async (worker) => [...(await taskLogs(cwd, worker)).keys()]));
    expect([...(first ?? []), ...(second ?? [])].toSorted()).toEqual(['0-0.log', '1-0.log', '1-1.log', '2-0.log', '2-1.log', '3-0.log']);
    const [job = ''] = await readdir(join(cwd, 'leader-data', 'jobs'));
    expect(await readdir(join(cwd, 'leader-data', 'jobs', job))).not.toContain('logs');
  });

  test('from stdin to stdout, with the token in a file', async () => {
    const { cwd, leader, run } = await startCluster();
    const file = await scratch({ token: `${leader.token}\n` });
    const input = rows(ROWS);
    const { status, stdout, stderr } = await runCli([...run, '--token-file', join(file, 'token'), '--quiet', '-s', 'cat :2', '-s', 'grep lost @line:2'], { cwd, input });
    expect([status, stderr]).toEqual([0, '']);
    expect(sortedLines(stdout)).toEqual(sortedLines(await shell('grep lost in.csv', cwd)));
  });

  test('several at once and one after the other; a failed one leaves the workers ready', async () => {
    const { cwd, run, env } = await startCluster();
    const failed = await runCli([...run, '-s', 'exit 3', '--src', 'in.csv', '--dest', 'no'], { cwd, env });
    expect([failed.status, failed.stderr]).toEqual([1, expect.stringMatching(/stage 1 \(exit\), task 1-0: .*status 3/)]);
    const results = await Promise.all(['a', 'b'].map((dest) => runCli([...run, '--quiet', '-s', 'cat', '--src', 'in.csv', '--dest', dest], { cwd, env })));
    expect(results.map(({ status, stderr }) => [status, stderr])).toEqual([[0, ''], [0, '']]);
    for (const dest of ['a', 'b']) expect((await readFile(join(cwd, dest))).equals(rows(ROWS))).toBe(true);
    const jobs = await runCli(['jobs', '--json', '--data-dir', 'leader-data'], { cwd });
    expect((JSON.parse(jobs.text) as { state: string }[]).map(({ state }) => state).toSorted()).toEqual(['done', 'done', 'failed']);
  });

  test('Ctrl-C cancels it, and the workers take the next', async () => {
    const { cwd, run, env } = await startCluster();
    const running = startCli([...run, '-s', `awk -v where=${cwd} 1 :2`, '--src', 'in.csv', '--rate', '100', '--dest', 'out'], { cwd, env });
    const operators = async () => (await processesWith(`awk -v where=${cwd} 1`)).filter(({ pid }) => pid !== running.pid);
    await waitFor('its operators', async () => ((await operators()).length === 2 ? true : undefined));
    running.kill('SIGINT');
    expect((await running.result).status).toBe(130);
    await waitFor('their end', async () => ((await operators()).length === 0 ? true : undefined));
    const next = await runCli([...run, '--quiet', '-s', 'head -n 1', '--src', 'in.csv', '--dest', 'out'], { cwd, env });
    expect([next.status, next.stderr]).toEqual([0, '']);
  });

  test('its task logs are served by the worker that has them', async () => {
    const { cwd, run, env } = await startCluster();
    const running = startCli([...run, '-s', 'tee /dev/stderr :2', '--line-buffered', '--src', 'in.csv', '--rate', '2000', '--dest', 'out'], { cwd, env });
    const look = async (...args: string[]) => await runCli(['logs', '--data-dir', 'leader-data', ...args], { cwd });
    await waitFor('something on stderr of both tasks', async () => {
      const shown = await Promise.all(['1-0', '1-1'].map((task) => look(task, '--grep', 'STDERR')));
      return shown.every(({ text }) => /^\S+ STDERR .+$/m.test(text)) ? true : undefined;
    });
    const all = await look();
    expect(all.text).toMatch(/^0-0 \S+ START /m);
    expect(all.text).toMatch(/^1-1 \S+ START /m);
    running.kill('SIGINT');
    expect((await running.result).status).toBe(130);
  });
});

describe('who may talk to whom', () => {
  test('every route but the health check wants the token', async () => {
    const { leader } = await startCluster();
    const ask = async (path: string, token?: string) => (await fetch(`${leader.url}${path}`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await ask('/healthz')).toBe(200);
    expect(await ask('/v1/jobs', leader.token)).toBe(200);
    expect(await ask('/v1/jobs')).toBe(401);
    expect(await ask('/v1/jobs', leader.token.replace(/^./, (digit) => (digit === '0' ? '1' : '0')))).toBe(401);
    expect(await ask('/nothing/here')).toBe(401);
  });

  test('beyond this machine is listened to only with a token of the user\'s', async () => {
    const cwd = await scratch({ token: 'a token of my own\n' });
    const refused = await runCli(['leader', '--listen', '0.0.0.0', '--data-dir', 'leader-data'], { cwd });
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(/listening on 0\.0\.0\.0.*\n.*--token-file/)]);
    const leader = await startLeader(cwd, ['--listen', '0.0.0.0', '--token-file', 'token']);
    const { port } = new URL(leader.url);
    expect((await fetch(`http://127.0.0.1:${port}/v1/jobs`, { headers: { authorization: 'Bearer a token of my own' } })).status).toBe(200);
    await startWorker(cwd, { ...leader, url: `http://127.0.0.1:${port}` }, 'w1', ['--listen', '0.0.0.0', '--advertise', '127.0.0.1']);
    const env = { RAINSTORM_TOKEN: leader.token };
    const { status, text, stderr } = await runCli(['run', '--quiet', '--leader', `http://127.0.0.1:${port}`, '--workers', '1', '-s', 'cat'], { cwd, env, input: 'through\n' });
    expect([status, text, stderr]).toEqual([0, 'through\n', '']);
  });
});

describe('connections that are cut at random', () => {
  test.each([1, 2, 3])('lose nothing and repeat nothing, seed %i', async (seed) => {
    const proxies = new Map<string, CuttingProxy>();
    const ports = new Map<string, number>();
    for (const [index, name] of ['w1', 'w2'].entries()) {
      const port = await freePort();
      const proxy = await startCuttingProxy({ host: '127.0.0.1', port }, { seed: seed * 10 + index, cutAfterBytes: CUT_AFTER_BYTES });
      onTestFinished(() => proxy.close());
      ports.set(name, port);
      proxies.set(name, proxy);
    }
    const { cwd, run, env } = await startCluster((name) => ['--data-listen', `127.0.0.1:${ports.get(name)}`, '--advertise-data', `127.0.0.1:${proxies.get(name)?.port}`]);
    const stages = ['-s', 'cat :3', '-s', 'cat @line:3', '-s', 'identity:2'];
    const input = rows(ROWS);
    const [fromFile, fromStdin] = await Promise.all([
      runCli([...run, '--quiet', ...stages, '--src', 'in.csv', '--dest', 'out'], { cwd, env }),
      runCli([...run, '--quiet', ...stages], { cwd, env, input }),
    ]);
    expect([fromFile.status, fromFile.stderr]).toEqual([0, '']);
    expect([fromStdin.status, fromStdin.stderr]).toEqual([0, '']);
    const wanted = sortedLines(input);
    expect(sortedLines(await readFile(join(cwd, 'out')))).toEqual(wanted);
    expect(sortedLines(fromStdin.stdout)).toEqual(wanted);
    const cuts = [...proxies.values()].reduce((sum, proxy) => sum + proxy.cuts, 0);
    expect(cuts).toBeGreaterThan(3);
    const logs = (await Promise.all(['w1', 'w2'].map(async (worker) => [...(await taskLogs(cwd, worker)).values()]))).flat().join('');
    expect(logs).toMatch(/ NOTE connection with worker \S+ lost/);
    // What was under way when a connection was cut comes again, and is told apart by its numbers.
    expect(logs).toMatch(/ REJECTED channel=\S+ first=\d+ tuples=\d+/);
  });
});

function countsByZone(): string[] {
  const zones = rows(ROWS).toString().trimEnd().split('\n').slice(1).map((row) => row.replace(/"(?:[^"]|"")*"/, '').split(',')[3] ?? '');
  return [...Map.groupBy(zones, (zone) => zone)].map(([zone, group]) => `${zone},${group.length}`).toSorted();
}

/** A port that nobody listens on just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  const listening = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', listening.resolve);
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  await closed.promise;
  return port;
}

test('nothing of a cluster is left when its leader and workers are told to end', async () => {
  const cwd = await scratch();
  const leader = await startLeader(cwd);
  const workers = await Promise.all(['w1', 'w2'].map((name) => startWorker(cwd, leader, name)));
  for (const command of [...workers, leader.cli]) command.kill('SIGINT');
  expect((await Promise.all([...workers, leader.cli].map(({ result }) => result))).map(({ status }) => status)).toEqual([0, 0, 0]);
  await processesGone(cwd);
});
