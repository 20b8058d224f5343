import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from './root.ts';

const LINT_LIMIT_MS = 120_000;

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: { lint: string } };

/** Runs `npm run lint`'s own command line, with more arguments. */
async function lint(more: readonly string[], cwd: string): Promise<{ readonly status: number | undefined; readonly printed: string }> {
  const [file = '', ...args] = scripts.lint.split(' ');
  const { exitCode, all } = await execa(join(ROOT, 'node_modules/.bin', file), [...args, ...more], { cwd, all: true, reject: false, timeout: LINT_LIMIT_MS });
  return { status: exitCode, printed: all };
}

/** A project like this one, with this as its only file: the same compiler settings, the same rules, the same command line. */
async function lintAlone(code: string): Promise<Awaited<ReturnType<typeof lint>>> {
  const folder = await mkdtemp(join(tmpdir(), 'rainstorm-lint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), compilerOptions: { rootDir: '.' }, include: ['*.ts'] }));
  await writeFile(join(folder, 'planted.ts'), code);
  return await lint(['--config', join(ROOT, '.oxlintrc.json'), 'planted.ts'], folder);
}

const CLEAN = `
export async function work(): Promise<number> {
  return await Promise.resolve(1);
}
`;

test('a promise that nobody waits for is found', { timeout: LINT_LIMIT_MS }, async () => {
  const { status, printed } = await lintAlone(`${CLEAN}\nexport function start(): void {\n  work();\n}\n`);
  expect(printed).toContain('no-floating-promises');
  expect(status).toBe(1);
});

test('the same file without it passes', { timeout: LINT_LIMIT_MS }, async () => {
  expect(await lintAlone(`${CLEAN}\nexport async function start(): Promise<void> {\n  await work();\n}\n`)).toMatchObject({ status: 0 });
});

test('the project passes', { timeout: LINT_LIMIT_MS }, async () => {
  const { status, printed } = await lint([], ROOT);
  expect(printed).toContain('0 errors');
  expect(status).toBe(0);
});
