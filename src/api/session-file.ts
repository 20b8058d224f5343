/**
 * The open sessions of a standing leader, in its data folder: browsers stay logged in when it is started again.
 *
 * Sessions are those of one token. They are there as digests, which open nothing.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { errnoOf, messageOf } from '../base/errors.ts';

const session = z.object({ digest: z.string(), host: z.string(), endsAt: z.number() });
export type KeptSession = z.infer<typeof session>;

const sessionFile = z.object({ token: z.string(), sessions: z.array(session) });

export interface SessionFileOptions {
  readonly path: string;
  readonly token: string;
  /** Why sessions were not kept: who looks at a leader with a full disk has to get in all the same. */
  readonly failed: (why: string) => void;
}

export class SessionFile {
  readonly #options: SessionFileOptions;

  constructor(options: SessionFileOptions) {
    this.#options = options;
  }

  /** None where there is no file, or one for another token. */
  read(): KeptSession[] {
    const { path, failed } = this.#options;
    try {
      const { token, sessions } = sessionFile.parse(JSON.parse(readFileSync(path, 'utf8')));
      return token === this.#tokenDigest() ? sessions : [];
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') failed(`${path} cannot be read, so browsers have to log in again: ${messageOf(error)}`);
      return [];
    }
  }

  /** At once: it happens when somebody logs in or out, and is a few kilobytes. */
  write(sessions: readonly KeptSession[]): void {
    const { path, failed } = this.#options;
    const partial = `${path}.new`;
    try {
      writeFileSync(partial, JSON.stringify({ token: this.#tokenDigest(), sessions }), { mode: 0o600 });
      renameSync(partial, path);
    } catch (error) {
      if (errnoOf(error) === undefined) throw error;
      failed(`browsers will have to log in again after this leader: ${messageOf(error)}`);
    }
  }

  #tokenDigest(): string {
    return createHash('sha256').update(`sessions of ${this.#options.token}`).digest('base64');
  }
}
