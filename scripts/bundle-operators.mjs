// Makes one file of each operator. An operator is started again whenever one dies: reading one file instead of forty takes a
// third off that. What it shares with the rest of the package is in it, as are the parts of libraries that it uses.
import { readdir } from 'node:fs/promises';
import { rolldown } from 'rolldown';

const NOTICE = '/* With parts of big.js, csv-parse and fastest-levenshtein, all under the MIT licence, whose texts come with those packages. */';

const names = (await readdir('operators')).filter((name) => name.endsWith('.ts')).map((name) => name.slice(0, -'.ts'.length));
await Promise.all(names.map(async (name) => {
  const bundle = await rolldown({ input: `operators/${name}.ts`, platform: 'node' });
  await bundle.write({ file: `dist/operators/${name}.js`, format: 'esm', postBanner: NOTICE });
  await bundle.close();
}));
