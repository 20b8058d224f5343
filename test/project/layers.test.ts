import { globSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findCycle, importsOf, sourceFiles, type SourceFile } from './imports.ts';
import { firstColumn } from './markdown.ts';
import { ROOT } from './root.ts';

/** A file that needs more does more than one thing. */
const MAX_LINES = 300;

/** From the top to the bottom, as ARCHITECTURE.md lists them. */
const layers = firstColumn(readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8'), 'layer');

/** Pairs that the order alone would allow. The leader decides for workers that run elsewhere: it has none of their code. */
const FORBIDDEN = [['leader', 'worker'], ['leader', 'check'], ['leader', 'task'], ['api', 'worker'], ['api', 'check'], ['api', 'task']];

/** What operators, ours and those of others, may share with the system. */
const SHARED_WITH_OPERATORS = ['kit', 'job', 'base'];

/** The files of `src` through which programs outside come in, with what each lets them see; nothing inside imports them. */
const DOORS: Readonly<Record<string, readonly string[]>> = { 'operator.ts': SHARED_WITH_OPERATORS, 'index.ts': ['launch', 'base'] };

/** In another language, compiled apart: it imports nothing from outside, and names its imports in its own way. */
const KERNEL = 'src/job/kernel/assembly/';

/** The dashboard runs in a browser: of the system it has the types of what the leader says, and nothing that runs. */
const SHARED_WITH_WEB = ['control'];

const files = sourceFiles(['src/**/*.ts', 'operators/**/*.ts', 'web/src/**/*.{ts,tsx}', 'web/dev/*.ts']).filter(({ path }) => !path.startsWith(KERNEL));

/** `job` for `src/job/plan.ts`, `operators` for an operator, `web` for the dashboard. */
function layerOf(path: string): string {
  const [top = '', second = ''] = path.split('/');
  return top === 'src' ? second : top;
}

function mayImport(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === 'operators') return SHARED_WITH_OPERATORS.includes(to);
  if (from === 'web') return SHARED_WITH_WEB.includes(to);
  const seen = DOORS[from];
  if (seen !== undefined) return seen.includes(to);
  if (FORBIDDEN.some(([upper, lower]) => from === upper && to === lower)) return false;
  return layers.includes(to) && layers.indexOf(from) < layers.indexOf(to);
}

function offences(among: readonly SourceFile[]): string[] {
  return among.flatMap(({ path, imports }) => imports
    .filter((target) => !mayImport(layerOf(path), layerOf(target)))
    .map((target) => `${path} imports ${target}`));
}

test('ARCHITECTURE.md names every layer there is, and no other', () => {
  const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  expect(layers.toSorted()).toEqual(folders.toSorted());
});

test('imports run downwards only, those of types too', () => {
  expect(files.length).toBeGreaterThan(100);
  expect(offences(files)).toEqual([]);
});

test('the dashboard imports types of the system only', () => {
  const running = /^(?:import|export) (?!type\b)[^;]*?'(?:\.\.\/)+src\/(?:[a-z]+)\/[^']+\.ts'/m;
  expect("import { OK } from '../../../src/control/routes.ts';").toMatch(running);
  const offenders = globSync('web/src/**/*.{ts,tsx}', { cwd: ROOT }).filter((path) => running.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(offenders).toEqual([]);
});

test('no files import each other in a circle', () => {
  expect(findCycle(files)).toBeUndefined();
});

test('every relative import names the file that it means', () => {
  const known = new Set(files.map((file) => file.path));
  expect(files.flatMap(({ path, imports }) => imports.filter((target) => !known.has(target)).map((target) => `${path} imports ${target}`))).toEqual([]);
});

test(`no source file is longer than ${MAX_LINES} lines`, () => {
  const long = [...files, ...sourceFiles([`${KERNEL}*.ts`])].filter((file) => file.lines > MAX_LINES);
  expect(long.map((file) => `${file.path}: ${file.lines}`)).toEqual([]);
});

describe('these rules', () => {
  const file = (path: string, ...imports: string[]): SourceFile => ({ path, lines: 1, imports });

  test.each([
    ['upwards', file('src/job/plan.ts', 'src/cli/run.ts')],
    ['from the leader to a task', file('src/leader/leader.ts', 'src/task/task.ts')],
    ['from the leader to a worker', file('src/leader/leader.ts', 'src/worker/worker.ts')],
    ['from an operator to what it has no business with', file('operators/sum.ts', 'src/task/task.ts')],
    ['from the door for operators to what they have no business with', file('src/operator.ts', 'src/task/task.ts')],
    ['from the door for programs that run jobs to the command line', file('src/index.ts', 'src/cli/run.ts')],
    ['from what starts a job to the command line', file('src/launch/run-job.ts', 'src/cli/print-error.ts')],
    ['from the kit to what is above it', file('src/kit/output.ts', 'src/log/log.ts')],
    ['from the system to the door', file('src/cli/run.ts', 'src/operator.ts')],
    ['from the system to the other door', file('src/launch/run-job.ts', 'src/index.ts')],
    ['from the dashboard to what runs elsewhere', file('web/src/app.tsx', 'src/leader/leader.ts')],
    ['from the system to the dashboard', file('src/api/leader-server.ts', 'web/src/app.tsx')],
    ['from the system to an operator', file('src/cli/run.ts', 'operators/lib/totals.ts')],
  ])('notice an import %s', (_, offender) => {
    expect(offences([offender])).toHaveLength(1);
  });

  test('notice a circle', () => {
    expect(findCycle([file('a', 'b'), file('b', 'c'), file('c', 'b')])).toEqual(['b', 'c', 'b']);
  });

  test('see imports of every form', () => {
    const text = [
      "import './a.ts';", "import type { B } from './b.ts';", "import {\n  C,\n} from './c.ts';", "export * from './d.ts';",
      "export type { E } from './e.ts';", "const f = await import('./f.ts');", "import zod from 'zod';", "import g from './g.json' with { type: 'json' };",
    ].join('\n');
    expect(importsOf(text)).toEqual(['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts']);
  });
});
