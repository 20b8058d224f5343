import { expect, onTestFinished, test } from 'vitest';
import { bottleneckOf, workersOf } from '../../../src/cli/top/may-be-missing.ts';
import { ControlClient } from '../../../src/control/client.ts';
import { HttpServer } from '../../../src/control/http-server.ts';
import { failureOf } from '../harness.ts';

const LIMIT_MS = 3_000;

test('a leader that knows no such path is done without, and one that does not answer is told', async () => {
  const older = new HttpServer('token');
  onTestFinished(() => older.close());
  await older.listen({ host: '127.0.0.1', port: 0 }, true);
  const client = new ControlClient(older.url, 'token');
  expect(await bottleneckOf(client, 'a', LIMIT_MS)).toBeUndefined();
  expect(await workersOf(client, LIMIT_MS)).toBeUndefined();
  expect(await failureOf(() => workersOf(new ControlClient(older.url, 'another'), LIMIT_MS))).toContain('WRONG_TOKEN');
  expect(await failureOf(() => workersOf(new ControlClient('http://127.0.0.1:9', 'token'), LIMIT_MS))).toContain('UNREACHABLE');
});
