/** Which source file imports which. Type imports count: whoever needs a type of another layer depends on that layer. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOT } from './root.ts';

const IMPORT = /^(?:import|export)\b[^'"`;]*?\bfrom '(\.[^']+)'|^import '(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm;

export interface SourceFile {
  /** From the project's folder, as in `src/job/plan.ts`. */
  readonly path: string;
  readonly lines: number;
  /** Paths of the same form; no packages, no data and no style sheets. */
  readonly imports: readonly string[];
}

/** The files that match the patterns, in the order of their paths. */
export function sourceFiles(patterns: readonly string[]): SourceFile[] {
  return globSync([...patterns], { cwd: ROOT }).toSorted().map((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    return { path, lines: text.split('\n').length - 1, imports: importsOf(text).map((target) => normalize(join(dirname(path), target))) };
  });
}

export function importsOf(text: string): string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '').filter((target) => !/\.(?:json|css)$/.test(target));
}

/** The first circle of imports found, as the files on it; undefined if there is none. */
export function findCycle(files: readonly SourceFile[]): readonly string[] | undefined {
  const imports = new Map(files.map((file) => [file.path, file.imports]));
  const done = new Set<string>();
  const visit = (path: string, above: readonly string[]): readonly string[] | undefined => {
    const at = above.indexOf(path);
    if (at !== -1) return [...above.slice(at), path];
    if (done.has(path)) return undefined;
    for (const target of imports.get(path) ?? []) {
      const cycle = visit(target, [...above, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
