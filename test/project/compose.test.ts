/** docker-compose.yml as far as it can be tried without containers: it is understood, and what it starts works together. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './root.ts';

const LIMIT_MS = 60_000;

const MAIN = join(ROOT, 'dist/src/cli/main.js');

interface Compose {
  readonly services: Readonly<Record<string, { readonly command: readonly string[]; readonly healthcheck: { readonly test: readonly string[] } }>>;
}

const { services } = parse(readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;

const COMPOSE = spawnSync('docker-compose', ['version'], { timeout: LIMIT_MS }).status === 0;

test.skipIf(!COMPOSE)(`docker-compose understands the file${COMPOSE ? '' : ' (there is no docker-compose on PATH)'}`, { timeout: LIMIT_MS }, async () => {
  const { stdout } = await execa('docker-compose', ['--file', join(ROOT, 'docker-compose.yml'), 'config'], { timeout: LIMIT_MS });
  const understood = parse(stdout) as Compose;
  expect(Object.keys(understood.services).toSorted()).toEqual(['leader', 'worker-1', 'worker-2', 'worker-3']);
});

test('what it starts does a job together and is healthy by its own word', { timeout: LIMIT_MS }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-compose-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [tokenFile, data, jobs] = [join(folder, 'token'), join(folder, 'data'), join(folder, 'jobs')];
  await Promise.all([mkdir(jobs), writeFile(tokenFile, 'a token of this test\n')]);
  await copyFile(join(ROOT, 'examples/trips.csv'), join(jobs, 'trips.csv'));
  // Each container has a loopback address for its own, and ports that nobody else has.
  const ports = await freePorts(3);
  const here = (text: string, address: string): string => text
    .replaceAll(/http:\/\/leader:/g, 'http://127.0.0.10:').replaceAll(/0\.0\.0\.0|http:\/\/127\.0\.0\.1(?=:)/g, (found) => found.replace(/[\d.]+$/, address))
    .replaceAll(/707([012])/g, (_, index: string) => String(ports[Number(index)]))
    .replace('/run/secrets/rainstorm_token', tokenFile).replace(/^\/data$/, data).replace(/^worker-(\d)$/, '127.0.0.1$1');
  const containers = Object.entries(services).map(([name, { command, healthcheck }], index) => {
    const address = `127.0.0.1${index}`;
    // A worker's name is no address.
    const args = command.map((word, at) => (command[at - 1] === '--name' ? word : here(word, address)));
    return { name, args, health: healthcheck.test.slice(2).map((word) => here(word, address)) };
  });
  expect(containers.map(({ name }) => name)).toEqual(['leader', 'worker-1', 'worker-2', 'worker-3']);
  for (const { name, args, health } of containers) {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
    onTestFinished(async () => {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
      child.kill('SIGTERM');
      await ended;
    });
    await expect.poll(() => spawnSync(process.execPath, health, { timeout: LIMIT_MS }).status, { timeout: 20_000, message: `${name} is healthy` }).toBe(0);
  }
  const { stderr } = await execa(process.execPath, [MAIN, 'run', '--leader', here('http://leader:7070', ''), '--token-file', tokenFile, '--workers', '3', '--stages', 'filter=completed,aggregate=zone:3',
    '--src', join(jobs, 'trips.csv'), '--dest', join(jobs, 'zones.csv'), '--quiet'], { cwd: folder, timeout: LIMIT_MS });
  expect(stderr).toBe('');
  expect(await readFile(join(jobs, 'zones.csv'), 'utf8')).toContain('Old Town,566\n');
  // As `docker-compose exec leader rainstorm jobs --data-dir /data`.
  expect((await execa(process.execPath, [MAIN, 'jobs', '--data-dir', data])).stdout).toContain('done');
});

test('no secret and no data of whoever builds the image gets into it, nor into the repository', () => {
  const lines = (name: string) => readFileSync(join(ROOT, name), 'utf8').split('\n').map((line) => line.replaceAll(/^\/|\/$/g, ''));
  for (const name of ['rainstorm.token', 'jobs', '.rainstorm']) {
    expect(lines('.dockerignore')).toContain(name);
    expect(lines('.gitignore')).toContain(name);
  }
});

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    return server;
  }));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
