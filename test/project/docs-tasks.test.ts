/** The task-shaped documents: their commands do what they say, pasted in order into one terminal. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeClone, typeInto } from './clone.ts';
import { codeBlocks, commandsOf, patternOf } from './markdown.ts';
import { ROOT } from './root.ts';

const COMMANDS_LIMIT_MS = 90_000;

describe.each(['check', 'getting-started', 'exactly-once', 'recovery', 'scaling', 'tuning', 'coming-from', 'cluster', 'library'])('docs/%s.md', (name) => {
  const blocks = codeBlocks(readFileSync(join(ROOT, `docs/${name}.md`), 'utf8')).filter(({ language }) => language === 'sh');

  test('every command does what the text says', { timeout: COMMANDS_LIMIT_MS + 10_000 }, async () => {
    const ran = await typeInto(await makeClone(), blocks.flatMap(commandsOf), COMMANDS_LIMIT_MS);
    expect(ran.length).toBeGreaterThan(0);
    for (const { command, status, printed } of ran) expect(status, `docs/${name}.md:${command.line}: ${command.text}\n${printed}`).toBe(command.status);
    for (const block of blocks) {
      if (block.printed === undefined) continue;
      const lines = commandsOf(block).map(({ line }) => line);
      const printed = ran.filter(({ command }) => lines.includes(command.line)).map((one) => one.printed).join('');
      expect(printed, `docs/${name}.md:${block.line}`).toMatch(patternOf(block.printed));
    }
  });
});
