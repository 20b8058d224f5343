import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/base/errors.ts';
import { parseJobFile } from '../../src/job/job-file.ts';
import { OPERATOR_NAMES } from '../../src/job/operator-catalog.ts';
import { makeClone, typeInto } from './clone.ts';
import { codeBlocks, commandsOf, firstColumn, patternOf, type CodeBlock, type Command } from './markdown.ts';
import { ROOT } from './root.ts';

const DOCUMENTS = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`), 'bench/profiles/README.md'];

/** The tour starts some twenty jobs, one of them slowed down to ten seconds. */
const TOUR_LIMIT_MS = 240_000;

const MAIN = join(ROOT, 'dist/src/cli/main.js');

const INSTALL = /^npm install && /;

function read(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

const readme = read('README.md');

function commandsToRun(blocks: readonly CodeBlock[]): Command[] {
  return blocks.flatMap(commandsOf)
    .map((command) => ({ ...command, text: command.text.replace(INSTALL, '') }))
    .filter((command) => !command.text.startsWith('npm '));
}

describe('README', () => {
  const blocks = codeBlocks(readme);
  const shellBlocks = blocks.filter((block) => block.language === 'sh');

  test('every command does what the text says, pasted in order into one terminal', { timeout: TOUR_LIMIT_MS + 10_000 }, async () => {
    const ran = await typeInto(await makeClone(), commandsToRun(shellBlocks), TOUR_LIMIT_MS);
    expect(ran.length).toBeGreaterThan(20);
    for (const { command, status, printed } of ran) expect(status, `README.md:${command.line}: ${command.text}\n${printed}`).toBe(command.status);
    for (const block of shellBlocks) {
      if (block.printed === undefined) continue;
      const lines = commandsOf(block).map((command) => command.line);
      const printed = ran.filter(({ command }) => lines.includes(command.line)).map((one) => one.printed).join('');
      expect(printed, `README.md:${block.line}`).toMatch(patternOf(block.printed));
    }
  });

  test('its first two commands install, one runs the example and one the tests', () => {
    const [first, second] = shellBlocks.flatMap(commandsOf);
    expect(first?.text).toMatch(/^npm install && npx rainstorm run .* --src examples\/trips\.csv --dest out$/);
    expect(second?.text).toBe('npm install && npm test');
  });

  test('names every operator', () => {
    expect(firstColumn(readme, 'operator')).toEqual([...OPERATOR_NAMES, 'cmd']);
  });

  test('names every command', () => {
    const commands = [...help().matchAll(/^ {2}([\w-]+)(?:\|[\w-]+)? .*$/gm)].map((match) => match[1] ?? '');
    expect(commands).toContain('run');
    expect(firstColumn(readme, 'command').toSorted()).toEqual(namedIn(commands));
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  test('has no link that leads nowhere', () => {
    const links = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1] ?? '');
    const broken = links.filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? document : join(dirname(document), path);
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test('has job files that are job files', () => {
    for (const { code, line } of codeBlocks(text).filter((block) => block.language === 'yaml' && /^stages:/m.test(block.code))) {
      expect(parseJobFile(code, `${document}:${line}`).stages?.length).toBeGreaterThan(0);
    }
  });

  test('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run (?:-\w+ )*([\w-]+)/g)].map((match) => match[1] ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('has shell commands that bash understands', () => {
    for (const command of codeBlocks(text).filter((block) => block.language === 'sh').flatMap(commandsOf)) {
      expect(spawnSync('bash', ['-n', '-c', command.text]).stderr.toString(), `${document}:${command.line}`).toBe('');
    }
  });
});

test('docs/errors.md lists every code with its exit status, its HTTP status and whether a retry helps', () => {
  const rows = read('docs/errors.md').split('\n').filter((line) => line.startsWith('| `')).map((line) => line.split('|').slice(1, 5).map((cell) => cell.trim()));
  expect(rows).toEqual(Object.entries(ERROR_CODES).map(([code, { exit, http, retry }]) => [`\`${code}\``, String(exit), String(http), retry ? 'yes' : 'no']));
});

function help(): string {
  return spawnSync(process.execPath, [MAIN, '--help'], { encoding: 'utf8' }).stdout;
}

/** Less what every command line has. */
function namedIn(help: readonly string[]): string[] {
  return help.filter((name) => !['help', '--help', '--version'].includes(name)).toSorted();
}

/** As GitHub makes them from headings. */
function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map((match) => (match[1] ?? '').toLowerCase().replaceAll(/[^\w\s-]/g, '').replaceAll(' ', '-'));
}
