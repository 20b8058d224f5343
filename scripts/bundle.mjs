// Makes what is published of the sources: the command in one piece with everything it needs, whatever it loads late in
// pieces of their own; the kit; one file of each operator; and the dashboard. Reading hundreds of small files, those of libraries above all,
// was most of the time that the command, each worker and each operator took to start.
import { chmod, readdir } from 'node:fs/promises';
import { rolldown } from 'rolldown';
import { build } from 'vite';
import { writeLicences } from './licences.mjs';

const LICENCES = 'dist/THIRD-PARTY-LICENSES.txt';

const NOTICE = `/* May hold parts of libraries, whose licences are in ${LICENCES}. */`;

/** The paths of all files that came into one of the bundles. */
const bundled = new Set();

const operators = (await readdir('operators')).filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -'.ts'.length));

// The folder of each piece is that of its source, since some of them look for others beside themselves.
await bundle(['src/cli/main', 'src/index'], { chunkFileNames: 'src/cli/[name]-[hash].js' });
await bundle(['src/operator'], { codeSplitting: false });
// An operator is started again whenever one dies: its one file has all it needs.
await Promise.all(operators.map((name) => bundle([`operators/${name}`], { codeSplitting: false })));

for (const name of ['src/cli/main', ...operators.map((operator) => `operators/${operator}`)]) await chmod(`dist/${name}.js`, 0o755);
await bundleDashboard();
await writeLicences(bundled, LICENCES);

/**
 * fastify loads what servers of other kinds need whether it is to be one or not. We serve plain HTTP only, and Node takes
 * several milliseconds for each of these.
 */
function withoutOtherServers() {
  const unused = new Set(['node:http2', 'node:https']);
  const nothing = '\0nothing';
  return {
    name: 'without-other-servers',
    resolveId: (id, importer) => (unused.has(id) && importer?.includes('/node_modules/fastify/') ? nothing : undefined),
    load: (id) => (id === nothing ? 'module.exports = {};' : undefined),
  };
}

async function bundle(names, output) {
  const input = Object.fromEntries(names.map((name) => [name, `${name}.ts`]));
  const made = await rolldown({ input, platform: 'node', plugins: [withoutOtherServers()] });
  const { output: files } = await made.write({ dir: 'dist', format: 'esm', entryFileNames: '[name].js', postBanner: NOTICE, ...output });
  for (const id of files.flatMap(({ moduleIds = [] }) => moduleIds)) bundled.add(id);
  await made.close();
}

async function bundleDashboard() {
  const { output: files } = await build({ configFile: 'web/vite.config.ts', logLevel: 'warn' });
  for (const id of files.flatMap(({ moduleIds = [] }) => moduleIds)) bundled.add(id);
}
