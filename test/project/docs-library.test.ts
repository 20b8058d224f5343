/** The document on the library: its program is the example, and it names every option. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeBlocks, firstColumn } from './markdown.ts';
import { ROOT } from './root.ts';

const text = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');

test('the program in docs/library.md is the example', () => {
  expect(codeBlocks(text).find(({ language }) => language === 'js')?.code).toBe(readFileSync(join(ROOT, 'examples/run-job.mjs'), 'utf8'));
});

test('names every option', () => {
  const source = readFileSync(join(ROOT, 'src/launch/job-options.ts'), 'utf8');
  const start = source.indexOf('export interface RunJobOptions');
  const options = [...source.slice(start, source.indexOf('\n}', start)).matchAll(/^ {2}readonly (\w+)\?/gm)].map((match) => match[1] ?? '');
  const ofFile: readonly string[] = /const FILE_KEYS = \[(.*)\]/.exec(source)?.[1]?.match(/\w+/g) ?? [];
  expect(options.filter((name) => !ofFile.includes(name)).toSorted()).toEqual(firstColumn(text, 'option').toSorted());
});
