/** The package as its users get it: packed, and installed in an empty folder. */
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './root.ts';

const LIMIT_MS = 60_000;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rainstorm-installed-'));
  // Without the scripts, which would build anew what other tests use.
  const { stdout } = await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: ROOT, timeout: LIMIT_MS });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  // Offline, since there is nothing to fetch.
  await run('npm', ['install', `./${stdout.trim()}`, '--ignore-scripts', '--offline', '--no-audit', '--no-fund']);
  await cp(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true });
}, 2 * LIMIT_MS);

afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));

async function run(file: string, args: readonly string[], node = process.execPath) {
  const path = [dirname(node), process.env['PATH'] ?? ''].join(delimiter);
  const env = { PATH: path, HOME: process.env['HOME'] ?? '', ...(process.env['npm_config_cache'] === undefined ? {} : { npm_config_cache: process.env['npm_config_cache'] }) };
  return await execa(file, args, { cwd: folder, env, extendEnv: false, timeout: LIMIT_MS, reject: false });
}

/** Less what npm itself has to say. */
function ofCommand(stderr: string): string {
  return stderr.split('\n').filter((line) => !line.startsWith('npm ')).join('\n');
}

test('runs a job by npx, and nothing else is installed with it', { timeout: LIMIT_MS }, async () => {
  const { exitCode, stdout, stderr } = await run('npx', ['--offline', 'rainstorm', 'run', '-s', 'filter=completed', '-s', 'aggregate=zone:3', '--src', 'examples/trips.csv', '--quiet']);
  expect(`${exitCode} ${ofCommand(stderr)}`).toBe('0 ');
  expect(stdout.split('\n')).toContain('Old Town,566');
  expect(JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'))).toMatchObject({ packages: { 'node_modules/rainstorm': {} } });
  expect(existsSync(join(folder, 'node_modules/commander'))).toBe(false);
});

test('runs a job for a program that imports it', { timeout: LIMIT_MS }, async () => {
  const { exitCode, stdout, stderr } = await run(process.execPath, ['examples/run-job.mjs']);
  expect(`${exitCode} ${stdout}`, stderr).toMatch(/^0 [^]*\ndone\n2000 trips, 12 zones$/);
  expect(await readFile(join(folder, 'zones.csv'), 'utf8')).toContain('Old Town,566\n');
});

test('gives operators their kit', { timeout: LIMIT_MS }, async () => {
  const { stdout, stderr } = await run('npx', ['--offline', 'rainstorm', 'run', '-s', 'node examples/running-count.mjs', '--src', 'examples/trips.csv', '--format', 'csv', '--header', '--quiet']);
  expect(stdout.split('\n'), stderr).toContain('classic,1176');
});

test('has types that a strict program can use', { timeout: LIMIT_MS }, async () => {
  await writeFile(join(folder, 'program.ts'), `
    import { JobFailedError, runJob, type JobEvent, type JobSummary } from 'rainstorm';
    import { operator } from 'rainstorm/operator';
    const onEvent = (event: JobEvent): void => {
      if (event.event === 'restart') console.log(event.data.attempt + 1);
      // @ts-expect-error: rates are no restarts
      if (event.event === 'rates') console.log(event.data.attempt);
    };
    const summary: JobSummary = await runJob({ stages: [{ command: ['cat'], tasks: 2 }], src: process.stdin, dest: 'out', onEvent });
    console.log(summary.stages[0]?.outTuples, JobFailedError);
    // @ts-expect-error: a number is no destination
    await runJob({ stages: 'filter', src: 'in', dest: 1 });
    operator<number>({ line: (text, out, state) => out.line(text + (state.get(text) ?? 0)) });
  `);
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2023', '--module', 'nodenext', '--typeRoots', join(ROOT, 'node_modules/@types'), '--types', 'node'];
  const { exitCode, stdout } = await run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), ...options, 'program.ts']);
  expect(`${exitCode} ${stdout}`).toBe('0 ');
});

const oldNode = await findOldNode();

test.skipIf(oldNode === undefined)(`tells an old Node in one line what it needs${oldNode === undefined ? ' (there is no old Node on PATH)' : ''}`, { timeout: LIMIT_MS }, async () => {
  const { exitCode, stdout, stderr } = await run('npx', ['--offline', 'rainstorm', 'run', '--stages', 'filter', '--src', 'examples/trips.csv'], oldNode);
  expect(stdout).toBe('');
  expect(ofCommand(stderr)).toMatch(/^rainstorm: it needs Node >= 22\.18, and this is \d+\.\d+\.\d+ \(.*\)$/);
  expect(exitCode).toBe(1);
});

test('has nothing in its command that an old Node could stumble on before it is told', async () => {
  const main = await readFile(join(folder, 'node_modules/rainstorm/dist/src/cli/main.js'), 'utf8');
  // Neither imports nor awaits outside functions, which a script of any age cannot have, nor the operators of ES2021.
  expect(() => new Script(main.replace(/^export \{\};?$/m, ''))).not.toThrow();
  expect(main).not.toMatch(/\?\?=|\|\|=|&&=/);
});

/** One that is older than what the package asks for, among those on PATH. */
async function findOldNode(): Promise<string | undefined> {
  for (const place of new Set((process.env['PATH'] ?? '').split(delimiter))) {
    const candidate = join(place, 'node');
    if (place === '' || !existsSync(candidate)) continue;
    const { stdout } = await execa(candidate, ['--version'], { timeout: LIMIT_MS, reject: false });
    const [major = Infinity, minor = 0] = (stdout ?? '').replace('v', '').split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 18)) return candidate;
  }
  return undefined;
}
