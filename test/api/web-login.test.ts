/** Logging in to the dashboard, and what that opens and does not open. */
import { describe, expect, test } from 'vitest';
import { failureBody } from '../../src/control/schemas.ts';
import { site, type Answer } from './browser.ts';

const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

function codeOf({ status, body }: Answer): string {
  return status === 200 ? '200' : `${status} ${failureBody.parse(JSON.parse(body)).code}`;
}

describe('a link', () => {
  test('is given to who has the token only', async () => {
    const { ask, askWithToken, logIn, url } = await site();
    const asking = { method: 'POST' };
    expect((JSON.parse((await askWithToken('/v1/login-links', asking)).body) as { url: string }).url).toMatch(new RegExp(`^${url}/login\\?code=[\\w-]{43}$`));
    expect(codeOf(await ask('/v1/login-links', asking))).toBe('401 WRONG_TOKEN');
    expect(codeOf(await ask('/v1/login-links', { ...asking, headers: { cookie: await logIn(), ...SAME_ORIGIN } }))).toBe('401 WRONG_TOKEN');
  });

  test('becomes a cookie that no script sees and no other site sends, on a page that goes on without a redirect', async () => {
    const { ask, newCode, url } = await site();
    const { status, headers, body } = await ask(`/login?code=${await newCode()}`);
    expect(status).toBe(200);
    expect(headers['set-cookie']).toEqual([expect.stringMatching(new RegExp(`^rainstorm-${new URL(url).port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$`))]);
    expect(body).toContain('<meta http-equiv="refresh" content="0; url=/">');
    expect(headers).toMatchObject({ 'content-security-policy': expect.stringMatching(/^default-src 'none'; /), 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  });

  test('that is used or wrong says what to do; in the browser that it has logged in it leads on', async () => {
    const { ask, newCode } = await site();
    const code = await newCode();
    // A look at its head is no use of it.
    expect((await ask(`/login?code=${code}`, { method: 'HEAD' })).status).not.toBe(200);
    const cookie = (await ask(`/login?code=${code}`)).headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    for (const path of [`/login?code=${code}`, '/login?code=x', '/login', `/login?code=${code}&code=${code}`]) {
      const { status, headers, body } = await ask(path);
      expect([status, headers['set-cookie'], body]).toEqual([401, undefined, expect.stringContaining('rainstorm dashboard')]);
    }
    expect((await ask(`/login?code=${code}`, { headers: { cookie } })).status).toBe(200);
  });
});

describe('a browser that has logged in', () => {
  test('reads what the token reads, and asks for changes from pages of this server', async () => {
    const { ask, logIn, url } = await site();
    const cookie = `other=1; ${await logIn()}; more=2`;
    expect(codeOf(await ask('/v1/jobs', { headers: { cookie } }))).toBe('200');
    const cancel = async (headers: Record<string, string>) => codeOf(await ask('/v1/jobs/none', { method: 'DELETE', headers: { cookie, ...headers } }));
    expect(await cancel(SAME_ORIGIN)).toBe('404 UNKNOWN_JOB');
    expect(await cancel({ origin: url })).toBe('404 UNKNOWN_JOB');
  });

  test.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' }],
    ['another port of this host', { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' }],
    ['another origin, in a browser that says no more', { origin: 'http://evil.example' }],
    ['nowhere', { 'sec-fetch-site': 'none' }],
    ['a program that says nothing', {}],
  ])('asks for no changes from %s', async (_, headers) => {
    const { ask, logIn } = await site();
    const cookie = await logIn();
    expect(codeOf(await ask('/v1/jobs/none', { method: 'DELETE', headers: { cookie, ...headers } }))).toBe('403 CROSS_SITE');
    expect(codeOf(await ask('/v1/logout', { method: 'POST', headers: { cookie, ...headers } }))).toBe('403 CROSS_SITE');
    expect(codeOf(await ask('/v1/jobs', { headers: { cookie } }))).toBe('200');
  });

  test('is nobody under another name for this host', async () => {
    const { ask, logIn } = await site();
    const cookie = await logIn();
    expect(codeOf(await ask('/v1/jobs', { headers: { cookie, host: 'evil.example' } }))).toBe('401 WRONG_TOKEN');
  });

  test('is no worker', async () => {
    const { ask, logIn } = await site();
    const headers = { cookie: await logIn(), ...SAME_ORIGIN };
    for (const path of ['/v1/workers', '/v1/workers/w1/report']) expect(codeOf(await ask(path, { method: 'POST', headers, body: '{}' }))).toBe('401 WRONG_TOKEN');
  });

  test('is nobody after it has logged out, or with a made-up cookie', async () => {
    const { ask, askWithToken, logIn } = await site();
    const [cookie, other] = [await logIn(), await logIn()];
    expect(codeOf(await ask('/v1/logout', { method: 'POST', headers: { cookie, ...SAME_ORIGIN } }))).toBe('200');
    expect(codeOf(await ask('/v1/jobs', { headers: { cookie } }))).toBe('401 WRONG_TOKEN');
    expect(codeOf(await ask('/v1/jobs', { headers: { cookie: other } }))).toBe('200');
    expect(codeOf(await ask('/v1/jobs', { headers: { cookie: `${other}x` } }))).toBe('401 WRONG_TOKEN');
    expect(codeOf(await askWithToken('/v1/logout', { method: 'POST' }))).toBe('200');
  });
});

test('answers are not kept, not guessed at and not shown by others, whoever gets them', async () => {
  const { ask, askWithToken } = await site();
  const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cross-origin-resource-policy': 'same-origin' };
  for (const answer of [await askWithToken('/v1/jobs'), await ask('/v1/jobs'), await ask('/none'), await ask('/healthz')]) expect(answer.headers).toMatchObject(headers);
});
