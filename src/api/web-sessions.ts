/**
 * Who has logged in to the dashboard.
 *
 * WS1 A link's code opens one session, once, within its lifetime. Whoever asks for a link has the token.
 * WS2 A session is good for the host and port under which its link was opened, and for nothing else: a name that was made to
 *     lead here later (DNS rebinding) has no session, even if a browser could be made to send one.
 * WS3 Codes and sessions are kept as digests: what is looked up tells by its time nothing about what there is.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { KeptSession } from './session-file.ts';

/** A link is opened at once, or by a person who copies it to another window. */
const LINK_LIFETIME_MS = 10 * 60_000;

/** A day's work at a dashboard; then another link is a command away. */
export const SESSION_LIFETIME_MS = 12 * 3_600_000;

/** Links that nobody opens; of more, the oldest go. */
const MAX_LINKS = 32;

/** Browsers of the people who look at one leader; of more, the oldest go. */
const MAX_SESSIONS = 128;

const SECRET_BYTES = 32;

interface Session {
  readonly host: string;
  readonly endsAt: number;
}

/** Where sessions are that outlive the process. */
export interface SessionStore {
  read(): KeptSession[];
  write(sessions: readonly KeptSession[]): void;
}

const NOWHERE: SessionStore = { read: () => [], write: () => undefined };

export class WebSessions {
  readonly #now: () => number;
  /** Until when each link may be used. */
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();
  readonly #store: SessionStore;

  /** `now`: milliseconds since the Unix epoch. */
  constructor(now: () => number, store: SessionStore = NOWHERE) {
    this.#now = now;
    this.#store = store;
    for (const { digest, host, endsAt } of store.read()) this.#sessions.set(digest, { host, endsAt });
  }

  /** The code of a new link. */
  newCode(): string {
    const code = newSecret();
    makeRoom(this.#links, MAX_LINKS);
    this.#links.set(digest(code), this.#now() + LINK_LIFETIME_MS);
    return code;
  }

  /** WS1: the new session's secret, or undefined for a code that is none, is used or is too old. */
  redeem(code: string, host: string): string | undefined {
    const link = digest(code);
    const endsAt = this.#links.get(link);
    this.#links.delete(link);
    if (endsAt === undefined || endsAt <= this.#now()) return undefined;
    const secret = newSecret();
    makeRoom(this.#sessions, MAX_SESSIONS);
    this.#sessions.set(digest(secret), { host, endsAt: this.#now() + SESSION_LIFETIME_MS });
    this.#keep();
    return secret;
  }

  /** WS2 */
  isOpen(secret: string, host: string): boolean {
    const session = this.#sessions.get(digest(secret));
    return session !== undefined && session.host === host && session.endsAt > this.#now();
  }

  close(secret: string): void {
    if (this.#sessions.delete(digest(secret))) this.#keep();
  }

  #keep(): void {
    this.#store.write([...this.#sessions].map(([digest, session]) => ({ digest, ...session })));
  }
}

/** For one more. A map has the oldest first. */
function makeRoom(map: Map<string, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size < most) return;
    map.delete(key);
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** WS3 */
function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
