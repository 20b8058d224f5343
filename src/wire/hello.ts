import { timingSafeEqual } from 'node:crypto';
import { RainstormError } from '../base/errors.ts';

export const WIRE_VERSION = 1;

/** What the side that dials says first. The secret is the job's: only its workers know it. */
export interface Hello {
  readonly version: number;
  readonly job: string;
  readonly secret: string;
  readonly worker: string;
}

export function isSameSecret(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Reads a hello from a stranger's bytes. Throws PROTOCOL for anything that is none, or of another version. */
export function parseHello(payload: Buffer): Hello {
  const value = parseJson(payload);
  if (!isHello(value)) throw new RainstormError('PROTOCOL', 'a connection began with something else than a hello');
  if (value.version !== WIRE_VERSION) {
    throw new RainstormError('PROTOCOL', `the other worker speaks version ${value.version}, this one ${WIRE_VERSION}`, {
      hint: 'Run the same version of rainstorm everywhere.',
    });
  }
  return value;
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString());
  } catch (cause) {
    throw new RainstormError('PROTOCOL', 'a connection began with something else than a hello', { cause });
  }
}

function isHello(value: unknown): value is Hello {
  const hello = value as Partial<Hello> | null;
  return typeof hello === 'object' && hello !== null
    && typeof hello.version === 'number' && typeof hello.job === 'string'
    && typeof hello.secret === 'string' && typeof hello.worker === 'string';
}
