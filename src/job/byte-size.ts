import { RainstormError } from '../base/errors.ts';

/** As in GNU tools: K, M and G alone are powers of 1024. */
const UNIT_BYTES: Readonly<Record<string, number>> = {
  '': 1, b: 1,
  k: 2 ** 10, kib: 2 ** 10, kb: 1e3,
  m: 2 ** 20, mib: 2 ** 20, mb: 1e6,
  g: 2 ** 30, gib: 2 ** 30, gb: 1e9,
};

/** Offsets within a run of tuples are 32-bit, and Node's buffers of that size need no special care. */
export const MAX_TUPLE_LIMIT_BYTES = 2 ** 31 - 1;

/** Reads a size such as `1048576`, `64MiB`, `1.5 GB` or `512K`, letters' case aside, into whole bytes. Throws USAGE. */
export function parseByteSize(text: string): number {
  const [, amount = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const unitBytes = UNIT_BYTES[unit.toLowerCase()];
  const bytes = amount === '' || unitBytes === undefined ? Number.NaN : Math.floor(Number(amount) * unitBytes);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new RainstormError('USAGE', `"${text}" is no size`, { hint: 'Give a number of bytes, or one with a unit: 64MiB, 512K, 1.5GB.' });
}
