/** The document on the library: its program is the example, and does what is shown. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeClone, typeInto } from './clone.ts';
import { codeBlocks, commandsOf, firstColumn, patternOf } from './markdown.ts';
import { ROOT } from './root.ts';

const COMMANDS_LIMIT_MS = 30_000;

const text = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');

test('the program in docs/library.md is the example', () => {
  expect(codeBlocks(text).find(({ language }) => language === 'js')?.code).toBe(readFileSync(join(ROOT, 'examples/run-job.mjs'), 'utf8'));
});

test('its commands print what is shown behind them', { timeout: COMMANDS_LIMIT_MS + 10_000 }, async () => {
  const block = codeBlocks(text).find(({ language }) => language === 'sh');
  const ran = await typeInto(await makeClone(), block === undefined ? [] : commandsOf(block), COMMANDS_LIMIT_MS);
  for (const { command, status, printed } of ran) expect(status, `${command.text}: ${printed}`).toBe(0);
  expect(ran.map(({ printed }) => printed).join('')).toMatch(patternOf(block?.printed ?? ''));
});

test('names every option', () => {
  const source = readFileSync(join(ROOT, 'src/launch/job-options.ts'), 'utf8');
  const start = source.indexOf('export interface RunJobOptions');
  const options = [...source.slice(start, source.indexOf('\n}', start)).matchAll(/^ {2}readonly (\w+)\?/gm)].map((match) => match[1] ?? '');
  const ofFile: readonly string[] = /const FILE_KEYS = \[(.*)\]/.exec(source)?.[1]?.match(/\w+/g) ?? [];
  expect(options.filter((name) => !ofFile.includes(name)).toSorted()).toEqual(firstColumn(text, 'option').toSorted());
});
