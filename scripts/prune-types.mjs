// Leaves of the declarations that the compiler wrote those which a program can come to from the two doors, src/index and
// src/operator; and holds that they name nothing but Node's own modules besides, since nothing else comes with the package.
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const DOORS = ['dist/src/index.d.ts', 'dist/src/operator.d.ts'];

const IMPORTED = /(?:from|import\()\s*['"]([^'"]+)['"]/g;

const reachable = new Set();
await reach(DOORS);
const all = (await readdir('dist', { recursive: true })).map((name) => join('dist', name));
await Promise.all(all.filter((path) => path.endsWith('.d.ts') && !reachable.has(path)).map((path) => rm(path)));
// The longest first, since folders lie in folders.
for (const folder of new Set(all.map((path) => dirname(path)).toSorted((a, b) => b.length - a.length))) {
  if ((await readdir(folder)).length === 0) await rmdir(folder);
}

async function reach(paths) {
  for (const path of paths.filter((one) => !reachable.has(one))) {
    reachable.add(path);
    const code = (await readFile(path, 'utf8')).replaceAll(/\/\*.*?\*\//gs, '');
    const imported = [...code.matchAll(IMPORTED)].map((match) => match[1]);
    const foreign = imported.find((name) => !name.startsWith('.') && !name.startsWith('node:'));
    if (foreign !== undefined) throw new Error(`${path} names the types of ${foreign}: whoever installs the package does not have them`);
    await reach(imported.filter((name) => name.startsWith('.')).map((name) => join(dirname(path), name).replace(/(?:\.ts|\.js)$/, '.d.ts')));
  }
}
