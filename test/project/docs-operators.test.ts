/** The documents on operators: their commands do what they say, and their programs run. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeClone, typeInto } from './clone.ts';
import { codeBlocks, commandsOf, patternOf, type CodeBlock } from './markdown.ts';
import { ROOT } from './root.ts';

const COMMANDS_LIMIT_MS = 60_000;

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

describe.each(['docs/operators.md', 'docs/control-protocol.md'])('%s', (document) => {
  const shellBlocks = codeBlocks(read(document)).filter((block) => block.language === 'sh');

  test('every command prints what is shown behind it', { timeout: COMMANDS_LIMIT_MS + 10_000 }, async () => {
    const ran = await typeInto(await makeClone(), shellBlocks.flatMap(commandsOf), COMMANDS_LIMIT_MS);
    expect(ran.length).toBeGreaterThan(2);
    for (const { command, status, printed } of ran) {
      expect(status, `${document}:${command.line}: ${printed}`).toBe(command.status);
      const shown = shellBlocks.find((block) => commandsOf(block).at(-1)?.line === command.line)?.printed;
      if (shown !== undefined) expect(printed, `${document}:${command.line}`).toMatch(patternOf(shown));
    }
  });
});

describe('the programs in docs/operators.md', () => {
  const blocks = codeBlocks(read('docs/operators.md'));
  const inLanguage = (language: string): CodeBlock[] => blocks.filter((block) => block.language === language);

  test('begin with the examples as they are', () => {
    expect(inLanguage('js')[0]?.code).toBe(read('examples/running-count.mjs'));
    expect(inLanguage('python')[0]?.code).toBe(read('examples/running_count.py'));
  });

  test('run, and print something for the trips of the example', { timeout: COMMANDS_LIMIT_MS + 10_000 }, async () => {
    const folder = await makeClone();
    const programs = [...inLanguage('js').map(({ code, line }) => ({ code, line, name: `program-${line}.mjs`, start: 'node' })),
      ...inLanguage('python').map(({ code, line }) => ({ code, line, name: `program-${line}.py`, start: 'PYTHONPATH=operators/python PYTHONDONTWRITEBYTECODE=1 python3' }))];
    for (const { name, code } of programs) await writeFile(join(folder, name), code);
    const commands = programs.map(({ name, start, line }) => ({ text: `${start} ${name} < examples/trips.csv | grep -ciE 'harbour|classic'`, line, status: 0 }));
    expect(commands.length).toBeGreaterThan(4);
    for (const { command, status, printed } of await typeInto(folder, commands, COMMANDS_LIMIT_MS)) expect(status, `docs/operators.md:${command.line}: ${printed}`).toBe(0);
  });
});
