import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { SessionFile } from '../../src/api/session-file.ts';
import { WebSessions } from '../../src/api/web-sessions.ts';

const HOST = '127.0.0.1:7070';

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'rainstorm-sessions-'));
  onTestFinished(() => rm(path, { recursive: true }));
  const failures: string[] = [];
  return { path: join(path, 'sessions.json'), failures, leader: (token = 't', at = join(path, 'sessions.json')) => new WebSessions(Date.now, new SessionFile({ path: at, token, failed: (why) => failures.push(why) })) };
}

function opened(sessions: WebSessions): string {
  return sessions.redeem(sessions.newCode(), HOST) ?? '';
}

test('the next leader with the token knows who has logged in, and who has logged out', async () => {
  const { leader, failures } = await folder();
  const first = leader();
  const [staying, leaving] = [opened(first), opened(first)];
  first.close(leaving);
  const second = leader();
  expect([staying, leaving].map((secret) => second.isOpen(secret, HOST))).toEqual([true, false]);
  expect(second.isOpen(staying, 'evil.example')).toBe(false);
  expect(leader('another token').isOpen(staying, HOST)).toBe(false);
  expect(failures).toEqual([]);
});

test('the file is its owner\'s, and opens nothing', async () => {
  const { leader, path } = await folder();
  const secret = opened(leader('the token'));
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  const content = await readFile(path, 'utf8');
  expect([content.includes(secret), content.includes('the token')]).toEqual([false, false]);
});

test('a file that is broken, or cannot be written, is told, and people get in all the same', async () => {
  const { leader, path, failures } = await folder();
  await writeFile(path, '{"sessions"');
  const sessions = leader();
  expect(sessions.isOpen(opened(sessions), HOST)).toBe(true);
  const unkept = leader('t', join(path, 'below a file'));
  expect(unkept.isOpen(opened(unkept), HOST)).toBe(true);
  expect(failures).toEqual([expect.stringContaining('browsers have to log in again'), expect.stringContaining('ENOTDIR'), expect.stringContaining('ENOTDIR')]);
});
