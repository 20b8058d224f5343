/**
 * What a leader takes of a core with 1,000 tasks, and how fast those who follow it are told.
 *
 *     npm run build && node bench/dashboard-load.ts [CLIENTS] [SECONDS]
 *
 * The leader is the real command. Its workers are not: 20 servers in this process register, take the deployment and report each
 * second, over HTTP, 50 tasks each that have no operators. CLIENTS (5) follow the job and the list of everything, and ask for what
 * events do not say as often as a page does. SECONDS (20) are measured twice: first with nobody following, so that what the reports take is known by itself. Now and then a
 * task is reported under its next attempt: from just before that report is sent until the client has read the event is the delay
 * of a report. Rates go out each second; their delay is from the leader's look at the job until the client has read them. Run it
 * on a machine that is idle, which it looks at and says.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { readProcessTable } from '../src/base/process-table.ts';
import { ControlClient } from '../src/control/client.ts';
import { httpCall } from '../src/control/http-call.ts';
import { leaderRoutes } from '../src/control/routes.ts';
import type { Deployment, Submission, WorkerInfo, WorkerReport } from '../src/control/schemas.ts';
import { parseStageFlag } from '../src/job/stage-flag.ts';
import { machine } from './suite/report.ts';
import { MAIN } from './suite/run-case.ts';
import { quantile } from './suite/statistics.ts';

const WORKERS = 20;
const REPORT_MS = 1_000;
/** Four stages, the source and the sink. */
const TASKS_PER_STAGE = [250, 250, 250, 248];
const JOB = 'load';
const TOKEN = 'the token of this benchmark';
/** Shares and rates are measured over some seconds; before that there are none. */
const SETTLE_MS = 5_000;
/** A restart each so many reports: two a second in all. */
const RESTART_EVERY = 10;

/** As web/src/live/job-feed.ts asks while tasks are being started again. */
const ASKED_EACH_MS = [['', 2_000], ['/tasks', 2_000], ['/explain', 3_000]] as const;

const CLIENTS = Number(process.argv[2] ?? 5);
const SECONDS = Number(process.argv[3] ?? 20);

/** When a report with a task's next attempt was sent, by `stage-index attempt`. */
const sentAt = new Map<string, number>();

type TaskReport = WorkerReport['jobs'][number]['tasks'][number];

class FakeWorker {
  readonly #client: ControlClient;
  readonly #name: string;
  #tasks: TaskReport[] = [];
  #version = 0;
  #reports = 0;

  constructor(client: ControlClient, name: string) {
    this.#client = client;
    this.#name = name;
  }

  /** Registers, answers what a leader says, and reports from then on. */
  async start(afterMs: number): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request).then((reply) => response.end(JSON.stringify(reply))));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const info: WorkerInfo = { worker: this.#name, url: `http://127.0.0.1:${port}`, data: { host: '127.0.0.1', port: 9 }, pid: process.pid, hostname: hostname() };
    await this.#client.call(leaderRoutes.register, info);
    setTimeout(() => setInterval(() => void this.#report(), REPORT_MS), afterMs);
  }

  async #answer(request: AsyncIterable<Buffer> & { readonly method?: string | undefined; readonly url?: string | undefined }): Promise<unknown> {
    const body = await text(request);
    if (request.method === 'POST' && request.url === '/v1/jobs') this.#take(JSON.parse(body) as Deployment);
    return { ok: true };
  }

  #take({ version, placement }: Deployment): void {
    this.#version = version;
    this.#tasks = placement.filter(({ worker }) => worker === this.#name).map(({ stage, index, attempt }) => ({
      stage, index, generation: 1, attempt, state: 'running', groups: [{ pid: 1_000_000 + index }], inTuples: 0, outTuples: 0,
      load: { upMs: 0, workingMs: 0, blockedMs: 0, cpuMs: 0, backlogBytes: 0 },
    }));
  }

  async #report(): Promise<void> {
    if (this.#version === 0) return;
    this.#reports += 1;
    const restarted = this.#reports % RESTART_EVERY === 0 ? this.#tasks[this.#reports % this.#tasks.length] : undefined;
    for (const task of this.#tasks) advance(task);
    if (restarted !== undefined) {
      restarted.attempt += 1;
      sentAt.set(`${restarted.stage}-${restarted.index} ${restarted.attempt}`, performance.now());
    }
    const report: WorkerReport = {
      usage: { cpuShare: 0.5, memoryBytes: 100_000_000, operatorsMeasured: true },
      jobs: [{ job: JOB, version: this.#version, tasks: this.#tasks }],
    };
    await this.#client.call(leaderRoutes.report, report, { params: { worker: this.#name } });
  }
}

/** A second's work: some tasks are busy, some blocked, and all differ. */
function advance(task: TaskReport): void {
  const busyMs = (task.index * 37) % 1_000;
  task.inTuples += 1_000 + task.index;
  task.outTuples += 900 + task.index;
  const { upMs = 0, workingMs = 0, blockedMs = 0, cpuMs = 0 } = task.load ?? {};
  task.load = { upMs: upMs + 1_000, workingMs: workingMs + busyMs, blockedMs: blockedMs + (1_000 - busyMs) / 2, cpuMs: cpuMs + busyMs, backlogBytes: task.index * 1_000 };
}

interface Delays {
  /** From a report to its event, and from a look to its rates, in milliseconds. */
  readonly restarts: number[];
  readonly rates: number[];
  bytes: number;
}

/** Follows one stream of events until the signal; what it reads is parsed, as a page would. */
async function follow(url: string, delays: Delays, gone: AbortSignal): Promise<void> {
  const answer = await httpCall(url, { headers: { authorization: `Bearer ${TOKEN}` }, agent: false, signal: gone });
  let kept = '';
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      delays.bytes += chunk.length;
      const blocks = (kept + chunk.toString()).split('\n\n');
      kept = blocks.pop() ?? '';
      for (const block of blocks) note(block, delays);
    }
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}

/** Asks for what a page asks for, until the signal. */
async function askOn(url: string, everyMs: number, delays: Delays, gone: AbortSignal): Promise<void> {
  while (!gone.aborted) {
    const answer = await httpCall(url, { headers: { authorization: `Bearer ${TOKEN}` }, agent: false });
    delays.bytes += (await text(answer)).length;
    await wait(everyMs, undefined, { signal: gone }).catch((error: unknown) => {
      if (!gone.aborted) throw error;
    });
  }
}

function note(block: string, delays: Delays): void {
  const [, event, json = ''] = /^event: (\w+)\ndata: (.*)$/.exec(block) ?? [];
  const data = JSON.parse(json) as { readonly atMs: number; readonly stage: number; readonly index: number; readonly attempt: number };
  if (event === 'rates') delays.rates.push(Date.now() - data.atMs);
  const sent = event === 'restart' ? sentAt.get(`${data.stage}-${data.index} ${data.attempt}`) : undefined;
  if (sent !== undefined) delays.restarts.push(performance.now() - sent);
}

function submission(folder: string): Submission {
  writeFileSync(join(folder, 'in.txt'), 'a\n');
  return {
    job: JOB, workers: WORKERS,
    spec: {
      stages: TASKS_PER_STAGE.map((tasks) => ({ ...parseStageFlag('cat'), tasks })) as Submission['spec']['stages'],
      sources: [join(folder, 'in.txt')], dest: join(folder, 'out'), header: false, outputHeader: true, overwrite: false, maxTupleBytes: 1_000, locale: 'C',
      lineBuffered: false, fuse: false, logTuples: 'first', delivery: 'exactly-once', durability: 'process', storeLimitBytes: 1_000_000, cwd: folder,
    },
  };
}

/** Of one core, over so many seconds. */
async function shareOf(pid: number, seconds: number): Promise<number> {
  const cpuMs = () => readProcessTable().get(pid)?.cpuMs ?? NaN;
  const [before, at] = [cpuMs(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return (cpuMs() - before) / (performance.now() - at);
}

async function startLeader(folder: string): Promise<{ readonly process: ChildProcess; readonly client: ControlClient }> {
  const leader = spawn(process.execPath, [MAIN, 'leader', '--data-dir', join(folder, 'data'), '--log-level', 'silent'], { env: { ...process.env, RAINSTORM_TOKEN: TOKEN }, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(leader.stdout, 'data')) as [Buffer];
  return { process: leader, client: new ControlClient(line.toString().trim(), TOKEN) };
}

function told(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0 ? 'none' : `p50 ${quantile(sorted, 0.5).toFixed(1)} ms, p99 ${quantile(sorted, 0.99).toFixed(1)} ms, ${sorted.length} of them`;
}

async function measure(folder: string): Promise<void> {
  const { process: leader, client } = await startLeader(folder);
  const gone = new AbortController();
  try {
    const workers = Array.from({ length: WORKERS }, (_, index) => new FakeWorker(client, `f${index + 1}`));
    await Promise.all(workers.map((worker, index) => worker.start((index * REPORT_MS) / WORKERS)));
    await client.call(leaderRoutes.submit, submission(folder));
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const alone = await shareOf(leader.pid ?? 0, SECONDS);
    const delays: Delays = { restarts: [], rates: [], bytes: 0 };
    const following = Array.from({ length: CLIENTS }, () => [
      ...['/v1/events', `/v1/jobs/${JOB}/events`].map((path) => follow(`${client.url}${path}`, delays, gone.signal)),
      ...ASKED_EACH_MS.map(([path, everyMs]) => askOn(`${client.url}/v1/jobs/${JOB}${path}`, everyMs, delays, gone.signal)),
    ]).flat();
    const followed = await shareOf(leader.pid ?? 0, SECONDS);
    const tasks = await client.call(leaderRoutes.tasks, undefined, { params: { job: JOB } });
    gone.abort();
    await Promise.all(following);
    process.stdout.write(`${tasks.length} tasks on ${WORKERS} workers, ${tasks.filter(({ inRate }) => inRate > 0).length} of them with rates
leader, nobody following:   ${(alone * 100).toFixed(1)} % of a core
leader, ${CLIENTS} clients following: ${(followed * 100).toFixed(1)} % of a core, ${(delays.bytes / SECONDS / 1_000_000).toFixed(2)} MB/s sent
from a report to its event: ${told(delays.restarts)}
from a look to its rates:   ${told(delays.rates)}
`);
  } finally {
    gone.abort();
    leader.kill('SIGKILL');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'rainstorm-dashboard-load-'));
process.stdout.write(`${machine()}; load ${loadavg()[0]?.toFixed(2)}\n`);
try {
  await measure(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
