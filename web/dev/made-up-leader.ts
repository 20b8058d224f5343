/**
 * A leader that is none: the built dashboard, and made-up jobs in states that are hard to bring about. For looking at the
 * dashboard while working on it; tests run against a real leader.
 *
 *     npm run build && node web/dev/made-up-leader.ts [port]
 */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { explanationOf, historyOf, madeWorkers, planOf, summaryOf, tasksOf, viewOf, type MadeJob } from './made-up-jobs.ts';
import { scenes } from './scenes.ts';

const BUILT = fileURLToPath(new URL('../../dist/web/', import.meta.url));

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** As the leader's own. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const TICK_MS = 1_000;

export async function madeUpLeader(port: number): Promise<Server> {
  const jobs = scenes(Date.now());
  const server = createServer((request, response) => answer(request, response, jobs));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function answer(request: IncomingMessage, response: ServerResponse, jobs: readonly MadeJob[]): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://made.up');
  const [, v1, what, name = '', ...rest] = pathname.split('/').map(decodeURIComponent);
  if (v1 !== 'v1') return sendFile(response, pathname);
  if (request.method !== 'GET') return refuse(response, 409, 'NOT_SCALABLE', 'stage 1 (filter) cannot be scaled: this leader is made up', 'Start a real one.');
  if (what === 'events') return follow(response, () => [['jobs', jobs.map((job) => summaryOf(job, Date.now()))], ['workers', madeWorkers(jobs, Date.now())]]);
  if (what === 'workers') return send(response, madeWorkers(jobs, Date.now()));
  const job = jobs.find((other) => other.job === name);
  if (job === undefined) return name === '' ? send(response, jobs.map((other) => viewOf(other, Date.now()))) : refuse(response, 404, 'UNKNOWN_JOB', `there is no job ${name} here`, 'rainstorm jobs lists them.');
  answerOfJob(response, job, rest, searchParams);
}

function answerOfJob(response: ServerResponse, job: MadeJob, [what, task]: readonly string[], query: URLSearchParams): void {
  const nowMs = Date.now();
  switch (what) {
    case undefined: return send(response, viewOf(job, nowMs));
    case 'tasks': return task === undefined ? send(response, tasksOf(job, nowMs)) : sendLog(response, task, query);
    case 'plan': return send(response, planOf(job));
    case 'explain': return send(response, explanationOf(job));
    case 'history': return send(response, historyOf(job, nowMs));
    case 'events': return follow(response, (isFirst) => [...(isFirst ? [['job', viewOf(job, Date.now())] as const] : []), ['rates', ratesOf(job, Date.now())]]);
    default: return refuse(response, 404, 'USAGE', `there is no ${what} here`);
  }
}

function ratesOf(job: MadeJob, atMs: number): unknown {
  return { atMs, stages: viewOf(job, atMs).stages, tasks: tasksOf(job, atMs).map(({ stage, index, state, inRate, outRate, busyShare, blockedShare, backlogBytes }) => ({ stage, index, state, inRate, outRate, busyShare, blockedShare, backlogBytes })) };
}

function sendLog(response: ServerResponse, task: string, query: URLSearchParams): void {
  const at = (line: number) => new Date(Date.now() - (400 - line) * 700).toISOString();
  const lines = ['START attempt=1 pid=40301 python3 geocode.py', ...Array.from({ length: 380 }, (_, line) => (line % 90 === 40
    ? 'STDERR WARNING: zone 17 has no centre, and this line of stderr is long enough to be broken into several where there is little room for it'
    : `OUTPUT ${task}#${line} 2026-11-2${line % 10},${line * 17},Harbour,"Station Quarter",${(line * 1.37).toFixed(2)},completed`)),
  'CHECKPOINT at=88120 bytes=1204', 'KILLED pid=40301 on request', 'RESTART attempt=2', 'REPLAY 12044 tuples', 'EXIT status=0'].map((line, index) => `${at(index)} ${line}`);
  const grep = new RegExp(query.get('grep') ?? '');
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.write(lines.filter((line) => grep.test(line)).slice(-Number(query.get('tail') ?? 1_000)).map((line) => `${line}\n`).join(''));
  if (query.get('follow') !== '1') response.end();
}

function follow(response: ServerResponse, events: (isFirst: boolean) => readonly (readonly [string, unknown])[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const tell = (isFirst: boolean) => response.write(events(isFirst).map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`).join(''));
  tell(true);
  const timer = setInterval(() => tell(false), TICK_MS);
  response.on('close', () => clearInterval(timer));
}

function sendFile(response: ServerResponse, path: string): void {
  const file = normalize(path) === '/' ? 'index.html' : normalize(path).slice(1);
  try {
    const bytes = readFileSync(join(BUILT, file));
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY }).end(bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    refuse(response, 404, 'USAGE', `there is no ${path} here`);
  }
}

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, status: number, code: string, message: string, hint?: string): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message, hint }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await madeUpLeader(Number(process.argv[2] ?? 8099));
  const address = server.address();
  process.stdout.write(`http://127.0.0.1:${typeof address === 'object' ? address?.port : address}/\n`);
}
