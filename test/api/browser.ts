/** What a browser and a program with the token do at a leader. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { serveLeader } from '../../src/api/leader-server.ts';
import { systemClock } from '../../src/base/clock.ts';
import { httpCall } from '../../src/control/http-call.ts';
import { DEFAULT_KEEP } from '../../src/leader/keep-limits.ts';
import { Leader } from '../../src/leader/leader.ts';

const TOKEN = 'a token of this test';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Site {
  readonly url: string;
  readonly dataDir: string;
  readonly leader: Leader;
  /** Without token and cookie, but for what `headers` says. */
  readonly ask: (path: string, asking?: Asking) => Promise<Answer>;
  readonly askWithToken: (path: string, asking?: Asking) => Promise<Answer>;
  /** Everything that is served, as `GET /v1/jobs`. */
  readonly routes: () => string[];
  /** The code of a new link. */
  readonly newCode: () => Promise<string>;
  /** The cookie of a browser that has just logged in. */
  readonly logIn: () => Promise<string>;
}

export interface SiteOptions {
  /** Of the dashboard, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly resumes?: boolean;
}

/** A leader without workers. */
export async function site({ files = {}, resumes = false }: SiteOptions = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-site-'));
  const [dataDir, webFolder] = [join(folder, 'data'), join(folder, 'web')];
  await mkdir(join(webFolder, 'assets'), { recursive: true });
  for (const [path, content] of Object.entries(files)) await writeFile(join(webFolder, path), content);
  const leader = await Leader.start({ dataDir, token: TOKEN, clock: systemClock, keep: DEFAULT_KEEP, replacesWorkers: false, resumes });
  const server = await serveLeader({ leader, token: TOKEN, tokenGiven: true, listen: { host: '127.0.0.1', port: 0 }, webFolder });
  onTestFinished(async () => {
    leader.close();
    await server.close();
    await rm(folder, { recursive: true });
  });
  const ask = (path: string, asking: Asking = {}) => askAt(server.url, path, asking);
  const askWithToken = (path: string, asking: Asking = {}) => ask(path, { ...asking, headers: { authorization: `Bearer ${TOKEN}`, ...asking.headers } });
  const newCode = async () => new URL((JSON.parse((await askWithToken('/v1/login-links', { method: 'POST' })).body) as { url: string }).url).searchParams.get('code') ?? '';
  const logIn = async () => (await ask(`/login?code=${await newCode()}`)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  return { url: server.url, dataDir, leader, ask, askWithToken, routes: () => routesIn(server.app.printRoutes({ commonPrefix: false })), newCode, logIn };
}

async function askAt(url: string, path: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Answer> {
  const answer = await httpCall(`${url}${path}`, { method, headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, body, agent: false });
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: await text(answer) };
}

/** Of fastify's tree of paths; of what it adds by itself (HEAD) nothing. */
function routesIn(tree: string): string[] {
  const above: string[] = [];
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', path = '', methods] = /^([│├└─ ]*)(\S+)(?: \((.*)\))?$/u.exec(line) ?? [];
    if (path === '') return [];
    const depth = indent.length / 4;
    above.length = depth;
    above[depth] = (above[depth - 1] ?? '') + path;
    return (methods ?? '').split(', ').filter((method) => method !== '' && method !== 'HEAD').map((method) => `${method} ${above[depth] ?? ''}`);
  });
}
