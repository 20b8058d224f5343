import { describe, expect, test } from 'vitest';
import { SESSION_LIFETIME_MS, WebSessions } from '../../src/api/web-sessions.ts';

const HOST = '127.0.0.1:7070';

function sessions() {
  let now = 1_000_000;
  const kept = new WebSessions(() => now);
  return {
    kept,
    pass: (ms: number) => {
      now += ms;
    },
    opened: () => kept.redeem(kept.newCode(), HOST) ?? '',
  };
}

describe('a link', () => {
  test('opens one session, once (WS1)', () => {
    const { kept } = sessions();
    const code = kept.newCode();
    expect(kept.isOpen(kept.redeem(code, HOST) ?? '', HOST)).toBe(true);
    expect(kept.redeem(code, HOST)).toBeUndefined();
    expect(kept.redeem('none', HOST)).toBeUndefined();
  });

  test('is of no use after ten minutes', () => {
    const { kept, pass } = sessions();
    const [early, late] = [kept.newCode(), kept.newCode()];
    pass(599_999);
    expect(kept.redeem(early, HOST)).toBeDefined();
    pass(1);
    expect(kept.redeem(late, HOST)).toBeUndefined();
  });

  test('goes when 32 newer ones are open', () => {
    const { kept } = sessions();
    const codes = Array.from({ length: 33 }, () => kept.newCode());
    expect(codes.map((code) => kept.redeem(code, HOST) !== undefined)).toEqual([false, ...Array.from({ length: 32 }, () => true)]);
  });
});

describe('a session', () => {
  test('is good under the host that it was opened under, and no other (WS2)', () => {
    const { kept, opened } = sessions();
    const secret = opened();
    expect([HOST, '127.0.0.1:7071', 'evil.example:7070', ''].map((host) => kept.isOpen(secret, host))).toEqual([true, false, false, false]);
  });

  test('ends when it is closed, and the others go on', () => {
    const { kept, opened } = sessions();
    const [one, other] = [opened(), opened()];
    kept.close(one);
    expect([kept.isOpen(one, HOST), kept.isOpen(other, HOST)]).toEqual([false, true]);
  });

  test('ends after twelve hours', () => {
    const { kept, pass, opened } = sessions();
    const secret = opened();
    pass(SESSION_LIFETIME_MS - 1);
    expect(kept.isOpen(secret, HOST)).toBe(true);
    pass(1);
    expect(kept.isOpen(secret, HOST)).toBe(false);
  });

  test('goes when 128 newer ones are open', () => {
    const { kept, opened } = sessions();
    const secrets = Array.from({ length: 129 }, () => opened());
    expect(secrets.map((secret) => kept.isOpen(secret, HOST))).toEqual([false, ...Array.from({ length: 128 }, () => true)]);
  });
});
