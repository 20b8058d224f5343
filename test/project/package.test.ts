import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { OPERATOR_NAMES } from '../../src/job/operator-catalog.ts';
import { ROOT } from './root.ts';

const NPM_LIMIT_MS = 60_000;

interface Package {
  readonly version: string;
  readonly bin: { readonly rainstorm: string };
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Locked {
  readonly version: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

const description = readJson('package.json') as Package;
const { packages } = readJson('package-lock.json') as { packages: Record<string, Locked> };

describe('what is published', () => {
  let names: string[] = [];

  beforeAll(async () => {
    // Without the scripts, which would compile anew what other tests use.
    const { stdout } = await execa('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, timeout: NPM_LIMIT_MS });
    const report = JSON.parse(stdout) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
    names = Object.values(report).flatMap((one) => one.files.map((file) => file.path));
  }, NPM_LIMIT_MS);

  test('has the command, every operator, the examples, the kits, the documents and the licence', () => {
    const wanted = ['dist/src/cli/main.js', ...OPERATOR_NAMES.map((name) => `dist/operators/${name}.js`), 'dist/src/index.js', 'dist/src/index.d.ts', 'dist/THIRD-PARTY-LICENSES.txt', 'examples/trips.csv', 'configs/trips.yaml', 'docs/errors.md', 'docs/operators.md', 'dist/src/operator.js', 'dist/src/operator.d.ts', 'operators/python/rainstorm.py', 'README.md', 'LICENSE'];
    expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('has no tests, no sources and nothing that a run left behind', () => {
    expect(names.filter((name) => /^(?:test|src|operators(?!\/python\/rainstorm\.py$)|bench|\.ci|\.rainstorm)\//.test(name))).toEqual([]);
  });
});

test('nothing has to be installed beside it: what it needs is bundled, and the licences of that come along', () => {
  expect(description.dependencies).toBeUndefined();
  const licences = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  for (const name of ['commander', 'execa', 'fastify', 'zod', 'csv-parse', 'yaml']) expect(licences).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+, [\\w-]+$`, 'm'));
});

test('the command and the operators can be executed', () => {
  for (const path of [description.bin.rainstorm, ...OPERATOR_NAMES.map((name) => `dist/operators/${name}.js`)]) {
    accessSync(join(ROOT, path), constants.X_OK);
  }
});

test('the command knows the version of the package', async () => {
  const { stdout } = await execa(process.execPath, [join(ROOT, description.bin.rainstorm), '--version']);
  expect(stdout).toBe(description.version);
});

test('the command asks for the Node that package.json asks for', () => {
  const [, major, minor] = /WANTED = \[(\d+), (\d+)\]/.exec(readFileSync(join(ROOT, 'src/cli/main.ts'), 'utf8')) ?? [];
  expect(description.engines.node).toBe(`>=${major}.${minor}`);
});

test('the Node of the lock file is 24, and may run the script that brings it', () => {
  expect(packages['node_modules/node']?.version).toMatch(/^24\./);
  expect(description.allowScripts).toEqual({ node: true });
  const withScripts = Object.entries(packages).filter(([path, locked]) => path !== '' && locked.hasInstallScript === true && locked.optional !== true);
  expect(withScripts.map(([path]) => path)).toEqual(['node_modules/node']);
});

test('the lock file has the binaries of every platform', () => {
  // npm ci refuses a lock file without them, and npm install on another platform would leave them out.
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {})
    .filter((name) => packages[`node_modules/${name}`] === undefined && packages[`${path}/node_modules/${name}`] === undefined));
  expect(missing).toEqual([]);
});

test('verify checks types, lint, unused exports and the package, and then tests', () => {
  expect(description.scripts['verify']).toBe('npm run typecheck && npm run lint && npm run unused && npm run package-check && npm test');
});
