/** The dashboard's files, as a browser gets them. */
import { describe, expect, test } from 'vitest';
import { site } from './browser.ts';

const INDEX = '<!doctype html><script type="module" src="/assets/index-1a2b.js"></script>';
const SCRIPT = 'document.title = "RainStorm";';
const files = { 'index.html': INDEX, 'assets/index-1a2b.js': SCRIPT, 'assets/style.css': 'a {}', 'secret.txt': 'not for the web' };

describe('a browser that has logged in', () => {
  test('gets the page anew and what belongs to it once, under a strict policy', async () => {
    const { ask, logIn } = await site({ files });
    const headers = { cookie: await logIn() };
    const page = await ask('/', { headers });
    expect([page.status, page.body]).toEqual([200, INDEX]);
    expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(page.headers['content-security-policy']).toBe("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    const script = await ask('/assets/index-1a2b.js', { headers });
    expect([script.status, script.body]).toEqual([200, SCRIPT]);
    expect(script.headers).toMatchObject({ 'content-type': expect.stringMatching(/^(?:text|application)\/javascript; charset=utf-8$/), 'cache-control': 'private, max-age=31536000, immutable', 'x-content-type-options': 'nosniff' });
    expect((await ask('/assets/style.css', { headers })).headers['content-type']).toBe('text/css; charset=utf-8');
    const again = await ask('/', { headers: { ...headers, 'if-none-match': page.headers.etag ?? '' } });
    expect([again.status, again.body]).toEqual([304, '']);
  });

  test('gets nothing from outside the folder of assets', async () => {
    const { ask, logIn } = await site({ files });
    const headers = { cookie: await logIn() };
    for (const path of ['/assets/none.js', '/assets/', '/assets/../secret.txt', '/assets/%2e%2e/secret.txt', '/assets/..%2fsecret.txt', '/secret.txt', '/index.html']) {
      expect([path, (await ask(path, { headers })).status]).toEqual([path, expect.toSatisfy((status) => status >= 400 && status < 500)]);
    }
  });
});

test('addresses that are none are refused as everything else is', async () => {
  const { ask, askWithToken, logIn } = await site({ files });
  const headers = { cookie: await logIn() };
  for (const answer of [await askWithToken('/v1/jobs/%ff'), await askWithToken(`/v1/jobs/${'x'.repeat(200)}`), await ask('/assets/%E0%A4%A', { headers }), await ask('/assets/', { headers })]) {
    expect(JSON.parse(answer.body)).toEqual({ code: 'USAGE', message: expect.any(String) });
    expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
  }
});

test('the token opens the page as well', async () => {
  const { askWithToken } = await site({ files });
  expect((await askWithToken('/')).body).toBe(INDEX);
});

test('whoever has not logged in is told how, and gets no file', async () => {
  const { ask } = await site({ files });
  const page = await ask('/');
  expect([page.status, page.headers['content-type'], page.body]).toEqual([401, 'text/html; charset=utf-8', expect.stringContaining('rainstorm dashboard')]);
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; /);
  expect((await ask('/assets/index-1a2b.js')).status).toBe(401);
});

test('a dashboard that was not built is said to be so', async () => {
  const { askWithToken } = await site();
  const page = await askWithToken('/');
  expect([page.status, page.body]).toEqual([503, expect.stringContaining('npm run build')]);
});

test('a leader that still takes over its jobs shows the page, and says how it is', async () => {
  const { ask, askWithToken, leader } = await site({ files, resumes: true });
  expect((await askWithToken('/')).status).toBe(200);
  expect((await ask('/healthz')).status).toBe(200);
  const jobs = askWithToken('/v1/jobs');
  leader.resumed();
  expect((await jobs).status).toBe(200);
});
