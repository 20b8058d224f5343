import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/job/command-line.ts';
import { failureOf } from './failure.ts';
import { quote } from './format-stage.ts';

describe('what needs no shell is a chain', () => {
  test.each<[string, string[][]]>([
    ['grep -F Stop', [['grep', '-F', 'Stop']]],
    ['  sort |uniq -c\t', [['sort'], ['uniq', '-c']]],
    ['a | b | c', [['a'], ['b'], ['c']]],
    [`grep 'a b' "c d" e\\ f`, [['grep', 'a b', 'c d', 'e f']]],
    [`printf '' ""`, [['printf', '', '']]],
    [String.raw`echo "a\"b\\c\d" 'e\f' \$HOME '$HOME' "\$HOME"`, [['echo', String.raw`a"b\c\d`, String.raw`e\f`, '$HOME', '$HOME', '$HOME']]],
    [`awk -F, '{print $2}'`, [['awk', '-F,', '{print $2}']]],
    [`grep 'a|b' "c;d" e\\&f`, [['grep', 'a|b', 'c;d', 'e&f']]],
    ['xargs -I{} echo {}', [['xargs', '-I{}', 'echo', '{}']]],
    ['find . ! -name x', [['find', '.', '!', '-name', 'x']]],
    ['echo a#b a~b a=b', [['echo', 'a#b', 'a~b', 'a=b']]],
    ["'if' x", [['if', 'x']]],
    ['echo if', [['echo', 'if']]],
    ["'A'=1 x", [['A=1', 'x']]],
    ['grep a\\\n b', [['grep', 'a', 'b']]],
    ['tr -cs A-Za-z "\\n"', [['tr', '-cs', 'A-Za-z', '\\n']]],
    ['grep é💧', [['grep', 'é💧']]],
  ])('%j', (text, commands) => expect(parseCommandLine(text)).toEqual({ kind: 'chain', commands }));
});

describe('what bash would do more with is a shell script', () => {
  test.each([
    'echo $HOME', 'echo "$HOME"', 'echo `date`', 'echo "`date`"', 'a; b', 'a & b', 'a && b', 'a || b', 'a |& b', 'a < b', 'a > b', '(a)', 'f() { a; }',
    'ls *.csv', 'ls ?', 'ls [ab]', '{ a', 'echo {a,b}', 'echo {1..3}', 'ls ~', 'make prefix=~/x', 'a # b', '# a', '! a', 'a\nb', 'A=1 b', 'A+=1 b', 'A=1',
    'if a', 'while a', 'for a', 'case a', 'until a', 'function a', 'select a', 'time a', '[[ a ]]', '[ a ]', 'cd /', 'export A', 'read a', '. x', 'exec a',
    "'cd' /", 'a | read b', 'a | while b', "a 'b' | c $d", 'while read x', "$'a'", 'a \\',
  ])('%j', (script) => expect(parseCommandLine(script)).toEqual({ kind: 'shell', script }));

  test('the script is the text as it stands', () => {
    expect(parseCommandLine(" \tawk '{print}' |\n  sort > 'x y'  \n")).toEqual({ kind: 'shell', script: "awk '{print}' |\n  sort > 'x y'" });
  });
});

describe('what is no command says where', () => {
  test.each([
    ['', `
STAGE_SYNTAX the command is empty
> As in cmd="grep -F Stop".`],
    ['a | | b', `
STAGE_SYNTAX there is no command between two "|"
  a | | b
      ^
> A pipe joins commands, as in sort | uniq -c. A | that is meant as such goes in quotes.`],
    ['| b', `
STAGE_SYNTAX there is no command before the first "|"
  | b
  ^
> A pipe joins commands, as in sort | uniq -c. A | that is meant as such goes in quotes.`],
    ['a |', `
STAGE_SYNTAX there is no command behind the last "|"
  a |
    ^
> A pipe joins commands, as in sort | uniq -c. A | that is meant as such goes in quotes.`],
    ['grep "a b', `
STAGE_SYNTAX the command has a " that is not closed
  grep "a b
       ^
> Close it, or write \\" for the character itself.`],
    ["echo it's", `
STAGE_SYNTAX the command has a ' that is not closed
  echo it's
         ^
> Close it, or write \\' for the character itself.`],
    ["'' a", `
STAGE_SYNTAX a command's name is empty
  '' a
  ^
> The first word of a command is the program to start.`],
    ['a\0b', `
STAGE_SYNTAX the command has a NUL character
  a b
   ^
> No command can be started with one. Take it out.`],
  ])('%j', (text, expected) => expect(`\n${failureOf(() => parseCommandLine(text))}`).toBe(expected));
});

test('quoted words come back', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }).filter((word) => !word.includes('\0'))), (words) => {
    expect(parseCommandLine(['printf', ...words.map(quote)].join(' '))).toEqual({ kind: 'chain', commands: [['printf', ...words]] });
  }));
});

test('what is read as one command has the words that bash reads', () => {
  const unit = fc.constantFrom(...Array.from("ab1 \t'\"\\'\"\\|$`;&<>(){}{},..*?[]~#!=:+%^-é"));
  const lines = fc.sample(fc.string({ unit, minLength: 1, maxLength: 14 }), { numRuns: 6000, seed: 7 });
  const plain = lines.flatMap((line) => {
    const words = wordsOf(`printf %s\\\\0 x ${line}`);
    return words === undefined ? [] : [{ line, words: words.slice(2) }];
  });
  expect(plain.length).toBeGreaterThan(500);
  // An unforeseen redirection or the like shall not write into the project.
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-command-line-'));
  try {
    const script = plain.map(({ line }) => `printf '%s\\0' x ${line}\nprintf '\\n\\0'`).join('\n');
    const printed = execFileSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    const read = printed.split('\n\0').slice(0, -1).map((words) => words.split('\0').slice(0, -1));
    expect(read).toEqual(plain.map(({ words }) => words));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function wordsOf(line: string): readonly string[] | undefined {
  try {
    const program = parseCommandLine(line);
    return program.kind === 'chain' && program.commands.length === 1 ? program.commands[0] : undefined;
  } catch {
    return undefined;
  }
}
