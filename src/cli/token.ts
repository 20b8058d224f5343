import { readFile } from 'node:fs/promises';
import { RainstormError, messageOf } from '../base/errors.ts';

/** The token that the user gave by `--token-file` or RAINSTORM_TOKEN, or undefined. Throws USAGE for a file without one. */
export async function givenToken(tokenFile: string | undefined): Promise<string | undefined> {
  if (tokenFile === undefined) return process.env['RAINSTORM_TOKEN'] || undefined;
  const text = await readFile(tokenFile, 'utf8').catch((cause: unknown) => {
    throw new RainstormError('USAGE', `cannot read the token file: ${messageOf(cause)}`, { cause });
  });
  const token = text.trim();
  if (token === '') throw new RainstormError('USAGE', `the token file ${tokenFile} is empty`);
  return token;
}
