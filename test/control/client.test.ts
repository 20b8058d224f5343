import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { RainstormError } from '../../src/base/errors.ts';
import { ControlClient } from '../../src/control/client.ts';
import { HttpServer } from '../../src/control/http-server.ts';
import { LOG_PATH, OK, leaderRoutes } from '../../src/control/routes.ts';

const PARAMS = { params: { job: 'a job/with:signs' } };

async function serving(prepare: (server: HttpServer) => void): Promise<ControlClient> {
  const server = new HttpServer('t');
  prepare(server);
  await server.listen({ host: '127.0.0.1', port: 0 }, true);
  onTestFinished(() => server.close());
  return new ControlClient(server.url, 't');
}

/** A server that is none of ours. */
async function foreign(server: Server): Promise<ControlClient> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new ControlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, 't');
}

async function failureOf(run: () => Promise<unknown>): Promise<string> {
  const error = await run().then(() => undefined, (thrown: unknown) => thrown);
  if (!(error instanceof RainstormError)) throw error;
  return `${error.code} ${error.message}`;
}

test('parameters arrive as they were given, and the answer comes back', async () => {
  const seen: unknown[] = [];
  const client = await serving((server) => server.serve(leaderRoutes.cancel, (_, params) => {
    seen.push(params['job']);
    return OK;
  }));
  expect(await client.call(leaderRoutes.cancel, undefined, PARAMS)).toEqual(OK);
  expect(seen).toEqual(['a job/with:signs']);
});

test('the other side\'s failure is thrown here as it was there', async () => {
  const client = await serving((server) => server.serve(leaderRoutes.cancel, () => {
    throw new RainstormError('UNKNOWN_JOB', 'no such job', { hint: 'Look again.' });
  }));
  await expect(client.call(leaderRoutes.cancel, undefined, PARAMS)).rejects.toMatchObject({ code: 'UNKNOWN_JOB', message: 'no such job', hint: 'Look again.' });
});

test('an answer that is none of ours is told, whatever it is', async () => {
  const answers = ['not JSON', '{"ok": 1}', ''];
  const client = await foreign(createServer((_, response) => response.end(answers.shift())));
  for (let left = answers.length; left > 0; left--) {
    expect(await failureOf(() => client.call(leaderRoutes.cancel, undefined, PARAMS))).toMatch(/^PROTOCOL \S+ answered \/v1\/jobs\/:job with something unexpected/);
  }
});

test('a status without a reason is told', async () => {
  const client = await foreign(createServer((_, response) => response.writeHead(502).end('<html>')));
  const expected = `PROTOCOL ${client.url} answered with status 502 and no reason`;
  expect(await failureOf(() => client.call(leaderRoutes.cancel, undefined, PARAMS))).toBe(expected);
  expect(await failureOf(() => client.log('a', '1-0', {}))).toBe(expected);
});

test('nobody there, or nobody any more, is UNREACHABLE with the reason', async () => {
  const nobody = new ControlClient('http://127.0.0.1:9', 't');
  expect(await failureOf(() => nobody.call(leaderRoutes.cancel, undefined, PARAMS))).toMatch(/^UNREACHABLE nobody answers at http:\/\/127\.0\.0\.1:9: /);
  expect(await failureOf(() => nobody.log('a', '1-0', {}))).toMatch(/^UNREACHABLE nobody answers at http:\/\/127\.0\.0\.1:9: .*ECONNREFUSED/);
  const cut = await foreign(createServer((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
    setImmediate(() => response.destroy());
  }));
  expect(await failureOf(() => cut.call(leaderRoutes.cancel, undefined, PARAMS))).toMatch(/^UNREACHABLE nobody answers at /);
});

test('a log comes as bytes, and a wrong token gets none', async () => {
  const asked: string[] = [];
  const client = await serving((server) => server.app.get(LOG_PATH, (request, reply) => {
    asked.push(request.url);
    return reply.send(Readable.from([Buffer.from('a\n'), Buffer.from('b\n')]));
  }));
  expect(await text(Readable.from(await client.log('a b', '1-0', {})))).toBe('a\nb\n');
  expect(await text(Readable.from(await client.log('a b', '1-0', { follow: true })))).toBe('a\nb\n');
  expect(asked).toEqual(['/v1/jobs/a%20b/tasks/1-0/log', '/v1/jobs/a%20b/tasks/1-0/log?follow=1']);
  expect(await failureOf(() => new ControlClient(client.url, 'x').log('a', '1-0', {}))).toBe('WRONG_TOKEN the token is missing or wrong');
});

test('an abort ends a log that is being followed, and one that breaks off is no end', async () => {
  const client = await foreign(createServer((request, response) => {
    response.write('a\n');
    if (request.url?.includes('follow') === false) setImmediate(() => response.destroy());
  }));
  const read = async (follow: boolean, abort: AbortController) => {
    for await (const bytes of await client.log('a', '1-0', { follow }, abort.signal)) {
      expect(Buffer.from(bytes).toString()).toBe('a\n');
      if (follow) abort.abort();
    }
  };
  await expect(read(true, new AbortController())).rejects.toThrow('aborted');
  await expect(read(false, new AbortController())).rejects.toThrow('aborted');
});
