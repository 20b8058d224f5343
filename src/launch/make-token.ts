import { randomBytes } from 'node:crypto';

const TOKEN_BYTES = 32;

/** Nobody guesses it. Whoever has it can start commands. */
export function makeToken(): string {
  return randomBytes(TOKEN_BYTES).toString('hex');
}
