import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect, onTestFinished } from 'vitest';
import { serveLeader } from '../../src/api/leader-server.ts';
import { systemClock } from '../../src/base/clock.ts';
import { RainstormError } from '../../src/base/errors.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import { ControlClient } from '../../src/control/client.ts';
import type { HttpServer } from '../../src/control/http-server.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import type { Submission } from '../../src/control/schemas.ts';
import type { JobView } from '../../src/control/views.ts';
import { steadyRate } from '../../src/job/rate-schedule.ts';
import type { JobSpec, StageSpec } from '../../src/job/stage-spec.ts';
import { jobFolder, writeJobFile, writeLeaderFile } from '../../src/leader/job-folder.ts';
import { DEFAULT_KEEP } from '../../src/leader/keep-limits.ts';
import { Leader } from '../../src/leader/leader.ts';
import { Worker } from '../../src/worker/worker.ts';

const ANY_PORT = { host: '127.0.0.1', port: 0 };
export const TOKEN = 'a token of this test';

export async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-cli-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A terminal whose screen can be read. */
export function screen(): { terminal: Terminal; out: () => string; err: () => string } {
  const [out, err] = [collector(), collector()];
  return { terminal: new Terminal(out.stream, err.stream), out: out.text, err: err.text };
}

function collector(): { stream: Writable; text: () => string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString('latin1') };
}

/** What a user reads of the RainstormError that a call ends with. */
export async function failureOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof RainstormError) return `${error.code} ${error.message}\n> ${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('nothing was thrown');
}

export function viewOf(job: string, overrides: Partial<JobView> = {}): JobView {
  const counts = { tasks: 1, inRate: 0, outRate: 0, busyShare: 0, blockedShare: 0, backlogBytes: 0 };
  return {
    job,
    state: 'done',
    startedAt: '2025-03-01T12:00:00.000Z',
    endedAt: '2025-03-01T12:01:05.000Z',
    dest: 'out.csv',
    logs: 'logs',
    skippedTuples: 0,
    deadLetters: 'deadletter',
    stages: [
      { stage: 0, name: 'source', inTuples: 0, outTuples: 9000, ...counts },
      { stage: 1, name: 'filter', inTuples: 9000, outTuples: 51, ...counts },
      { stage: 2, name: 'sink', inTuples: 51, outTuples: 0, ...counts },
    ],
    sourceDoneBytes: 1,
    notes: [],
    remarks: [],
    scaleAdvice: [],
    scaled: [],
    ...overrides,
  };
}

/** A job that has ended, with these logs by task. */
export async function endedJob(dataDir: string, job: string, overrides: Partial<JobView> = {}, logs: Readonly<Record<string, string | Buffer>> = {}): Promise<void> {
  await writeJobFile(jobFolder(dataDir, job), viewOf(job, overrides));
  await writeLogs(dataDir, job, logs);
}

export async function writeLogs(dataDir: string, job: string, logs: Readonly<Record<string, string | Buffer>>): Promise<void> {
  const folder = join(jobFolder(dataDir, job), 'logs');
  await mkdir(folder, { recursive: true });
  for (const [task, content] of Object.entries(logs)) await writeFile(join(folder, `${task}.log`), content);
}

/** A job whose leader is gone and has not written an end. */
export async function deadJob(dataDir: string, job: string): Promise<void> {
  const { pid } = spawnSync('true');
  await writeLeaderFile(jobFolder(dataDir, job), { url: 'http://127.0.0.1:9', token: TOKEN, pid, startTime: 'long ago' });
  const { endedAt: _, ...running } = viewOf(job, { state: 'running' });
  await writeJobFile(jobFolder(dataDir, job), running);
}

/** A job whose leader is this process, which does not answer. */
export async function mutelyLiveJob(dataDir: string, job: string): Promise<void> {
  await writeLeaderFile(jobFolder(dataDir, job), { url: 'http://127.0.0.1:9', token: TOKEN, pid: process.pid });
  const { endedAt: _, ...running } = viewOf(job, { state: 'running' });
  await writeJobFile(jobFolder(dataDir, job), running);
}

export interface Cluster {
  readonly dataDir: string;
  readonly leader: Leader;
  readonly server: HttpServer;
  readonly client: ControlClient;
  /** Submits a `slowJob`, and resolves when its operators run. */
  readonly submit: (job: string) => Promise<void>;
}

/** A leader with one worker, in this process. */
export async function cluster({ workers = 1 }: { readonly workers?: number } = {}): Promise<Cluster> {
  const dataDir = await dataFolder();
  const leader = await Leader.start({ dataDir, token: TOKEN, clock: systemClock, keep: DEFAULT_KEEP, replacesWorkers: false });
  const server = await serveLeader({ leader, token: TOKEN, tokenGiven: true, listen: ANY_PORT });
  const ends = await Promise.all(Array.from({ length: workers }, (_, index) => startWorker(server.url, dataDir, `w${index + 1}`)));
  onTestFinished(async () => {
    await leader.cancelAll();
    for (const worker of ends) await worker.end();
    leader.close();
    await server.close();
  });
  const client = new ControlClient(server.url, TOKEN);
  return { dataDir, leader, server, client, submit: (job) => submitSlow(client, dataDir, job, workers) };
}

async function startWorker(leaderUrl: string, dataDir: string, name: string): Promise<Worker> {
  const { worker, info } = await Worker.start({
    name, leaderUrl, token: TOKEN, dataDir, listen: ANY_PORT, dataListen: ANY_PORT, leaderlessMs: 3_000, lost: () => undefined,
  });
  await worker.join(info);
  return worker;
}

async function submitSlow(client: ControlClient, dataDir: string, job: string, workers: number): Promise<void> {
  const spec = await slowJob(dataDir, job);
  await client.call(leaderRoutes.submit, { job, spec, workers: Math.max(1, workers) } as Submission);
  if (workers > 0) await expect.poll(async () => (await pidsOf(client, job)).length, { timeout: 10_000 }).toBe(3);
}

/** A job that reads its source so slowly that it lives until it is ended. */
export async function slowJob(dataDir: string, job: string): Promise<JobSpec> {
  const source = join(dataDir, `${job}.txt`);
  await writeFile(source, Array.from({ length: 50_000 }, (_, line) => `Bär ${line}\n`).join(''));
  return {
    stages: [command('cat', 2), command('tr a-z A-Z', 1)],
    sources: [source],
    dest: join(dataDir, `${job}.out`),
    header: false,
    outputHeader: true,
    overwrite: false,
    rate: steadyRate(50),
    maxTupleBytes: 1024,
    locale: 'C',
    lineBuffered: true, fuse: false,
    logTuples: 'all',
    delivery: 'exactly-once',
    durability: 'process',
    storeLimitBytes: 1 << 30,
    cwd: dataDir,
  };
}

function command(commandLine: string, tasks: number): StageSpec {
  return { name: commandLine.split(' ')[0] ?? '', program: { kind: 'command', commandLine }, tasks, okExit: [], env: {} };
}

export async function pidsOf(client: ControlClient, job: string): Promise<number[]> {
  const tasks = await client.call(leaderRoutes.tasks, undefined, { params: { job } });
  return tasks.flatMap((task) => task.pid ?? []);
}
