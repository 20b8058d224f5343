// Packs what would be published and asks whether programs that import it find types that fit, by each of the ways in which
// TypeScript looks for them.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';

const NPM_LIMIT_MS = 60_000;

/** Those who have it import ES modules: `require` of one is for Node to allow, and the oldest way of looking knows no `exports`. */
const NOT_SUPPORTED = new Set(['node10', 'node16-cjs']);

const folder = await mkdtemp(join(tmpdir(), 'rainstorm-pack-'));
try {
  // Without the scripts, which would build anew.
  const { stdout } = await promisify(execFile)('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { timeout: NPM_LIMIT_MS });
  const { types, problems = [], entrypoints = {} } = await checkPackage(createPackageFromTarballData(await readFile(join(folder, stdout.trim()))));
  const serious = problems.filter(({ resolutionKind }) => !NOT_SUPPORTED.has(resolutionKind));
  if (types === false) throw new Error('the package has no types');
  if (serious.length > 0) throw new Error(`types that do not fit: ${JSON.stringify(serious, undefined, 2)}`);
  console.log(`types fit: ${Object.keys(entrypoints).join(', ')}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
