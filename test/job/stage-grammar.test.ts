import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeStage } from '../../src/job/make-stage.ts';
import { parseStages } from '../../src/job/stage-grammar.ts';
import type { KeySpec, ProgramSpec, StageSpec } from '../../src/job/stage-spec.ts';
import { failureOf } from './failure.ts';
import { formatStage, quote } from './format-stage.ts';

function operator(name: string, argument?: string, rest: Partial<StageSpec> = {}): StageSpec {
  return { name, program: { kind: 'operator', operator: name, argument }, key: undefined, tasks: 1, okExit: [], env: {}, cwd: undefined, ...rest };
}

function command(name: string, commandLine: string, rest: Partial<StageSpec> = {}): StageSpec {
  return { ...operator(name), program: { kind: 'command', commandLine }, ...rest };
}

const header = (name: string): KeySpec => ({ kind: 'header', name });

describe('what is read', () => {
  test.each<[string, StageSpec[]]>([
    ['filter,aggregate:3', [operator('filter'), operator('aggregate', undefined, { tasks: 3 })]],
    ['filter=Sign,aggregate="Asset Category"', [operator('filter', 'Sign'), operator('aggregate', 'Asset Category')]],
    [' filter = Sign , identity : 256 ', [operator('filter', 'Sign'), operator('identity', undefined, { tasks: 256 })]],
    ['identity@3:2', [operator('identity', undefined, { key: { kind: 'column', column: 3 }, tasks: 2 })]],
    ['identity@line', [operator('identity', undefined, { key: { kind: 'line' } })]],
    ["identity@'a,b:c@d=e'", [operator('identity', undefined, { key: header('a,b:c@d=e') })]],
    ['identity@Asset Category:2', [operator('identity', undefined, { key: header('Asset Category'), tasks: 2 })]],
    ["transform='1,4',flatmap", [operator('transform', '1,4'), operator('flatmap')]],
    [String.raw`filter=a\,b\:c\@d\\e\f`, [operator('filter', String.raw`a,b:c@d\e\f`)]],
    ["sum='Asset Category'/Price", [operator('sum', 'Asset Category/Price')]],
    [`filter='it'"'"'s'`, [operator('filter', "it's")]],
    ['filter=" a "', [operator('filter', ' a ')]],
  ])('%s', (text, stages) => expect(parseStages(text)).toEqual(stages));

  test.each<[string, StageSpec[]]>([
    ['filter=/a,b:c@d/i:2', [operator('filter', '/a,b:c@d/i', { tasks: 2 })]],
    [String.raw`filter=/a\/,b/,identity`, [operator('filter', String.raw`/a\/,b/`), operator('identity')]],
    ['replace=/a,b/x,y/,identity', [operator('replace', '/a,b/x,y/'), operator('identity')]],
    [String.raw`replace=/a\/b/c\/,d/i@"k,k":3`, [operator('replace', String.raw`/a\/b/c\/,d/i`, { key: header('k,k'), tasks: 3 })]],
    ['identity@/a,b/', [operator('identity', undefined, { key: header('/a,b/') })]],
  ])('slashes quote, and stay: %s', (text, stages) => expect(parseStages(text)).toEqual(stages));

  test.each<[string, StageSpec]>([
    ['cmd="grep -F Stop":2', command('grep', 'grep -F Stop', { tasks: 2 })],
    ["cmd='sort | uniq -c'@line:3", command('sort', 'sort | uniq -c', { key: { kind: 'line' }, tasks: 3 })],
    ['cmd=grep -F Stop:2', command('grep', 'grep -F Stop', { tasks: 2 })],
    ['cmd=grep "a,b" x:2', command('grep', 'grep "a,b" x', { tasks: 2 })],
    ['cmd="my grep" "a:1"', command('my grep', '"my grep" "a:1"')],
    [String.raw`cmd=echo it\'s "a\",b"`, command('echo', String.raw`echo it\'s "a\",b"`)],
    ['cmd=/usr/bin/env python3:2', command('env', '/usr/bin/env python3', { tasks: 2 })],
    [`cmd="awk -F, '{print $2}'"`, command('awk', "awk -F, '{print $2}'")],
    ['cmd="LANG=C sort; true"', command('sort', 'LANG=C sort; true')],
  ])('a command keeps the quotes that are its own: %s', (text, stage) => expect(parseStages(text)).toEqual([stage]));
});

describe('what is refused says which stage, where, and what to do', () => {
  test.each([
    ['', `
STAGE_SYNTAX there is no stage
> Give at least one, as in --stages 'filter=Stop,aggregate=2:3'.`],
    ['filter,,identity', String.raw`
STAGE_SYNTAX stage 2: the stage is empty
  filter,,identity
         ^
> Stages are separated by single commas. A comma inside an argument is quoted, as in transform='1,4', or written \,`],
    ['filter,', String.raw`
STAGE_SYNTAX stage 2: the stage is empty
  filter,
         ^
> Stages are separated by single commas. A comma inside an argument is quoted, as in transform='1,4', or written \,`],
    ['filter,=x', `
STAGE_SYNTAX stage 2 (=x): no operator's name before "="
  filter,=x
         ^
> A stage is NAME[=ARG][@KEY][:TASKS], as in aggregate=2:3.`],
    ['filter=', `
STAGE_SYNTAX stage 1 (filter=): nothing follows "="
  filter=
         ^
> Give filter an argument, or leave the = away.`],
    ['identity,filter="abc', `
STAGE_SYNTAX stage 2 (filter="abc): the argument has a quote that is not closed
  identity,filter="abc
                  ^
> Close it with ". A " that is meant as such goes between ' and '.`],
    ['filter=/abc', String.raw`
STAGE_SYNTAX stage 1 (filter=/abc): the argument begins with a slash, but /regex/ is not closed
  filter=/abc
         ^
> Close it as in /regex/. A slash in it is written \/.`],
    ['replace=/a/b', String.raw`
STAGE_SYNTAX stage 1 (replace=/a/b): the argument begins with a slash, but /regex/text/ is not closed
  replace=/a/b
          ^
> Close it as in /regex/text/. A slash in it is written \/.`],
    ['cmd,filter', `
STAGE_SYNTAX stage 1 (cmd): cmd needs a command
> As in cmd="grep -F Stop".`],
    ['cmd=""', `
STAGE_SYNTAX stage 1 (cmd=""): cmd needs a command
> As in cmd="grep -F Stop".`],
    ['cmd="sort |"', `
STAGE_SYNTAX stage 1 (cmd="sort |"): there is no command behind the last "|"
  sort |
       ^
> A pipe joins commands, as in sort | uniq -c. A | that is meant as such goes in quotes.`],
  ])('syntax: %s', (text, expected) => expect(`\n${failureOf(() => parseStages(text))}`).toBe(expected));

  const tasksHint = String.raw`> A stage has 1 to 256 tasks, as in aggregate:3. A colon that is meant as such is quoted or written \:`;
  test.each([
    ['filter:0', `
STAGE_SYNTAX stage 1 (filter:0): 0 tasks are not possible
  filter:0
         ^
${tasksHint}`],
    ['identity,filter:257', `
STAGE_SYNTAX stage 2 (filter:257): 257 tasks are not possible
  identity,filter:257
                  ^
${tasksHint}`],
    ['filter:-1', `
STAGE_SYNTAX stage 1 (filter:-1): -1 tasks are not possible
  filter:-1
         ^
${tasksHint}`],
    ['filter:abc', `
STAGE_SYNTAX stage 1 (filter:abc): "abc" is no number of tasks
  filter:abc
         ^
${tasksHint}`],
    ['filter:,identity', `
STAGE_SYNTAX stage 1 (filter:): no number of tasks follows ":"
  filter:,identity
         ^
${tasksHint}`],
    ['filter:3@line', `
STAGE_SYNTAX stage 1 (filter:3@line): the key comes before the number of tasks
  filter:3@line
         ^
> Write @line:3.`],
  ])('tasks: %s', (text, expected) => expect(`\n${failureOf(() => parseStages(text))}`).toBe(expected));

  const keyHint = '> A key is a column number from 1, line for the whole tuple, or a header name, as in @2, @line or @"Asset Category".';
  test.each([
    ['filter@', `
STAGE_SYNTAX stage 1 (filter@): no key follows "@"
  filter@
         ^
${keyHint}`],
    ["filter@'':2", `
STAGE_SYNTAX stage 1 (filter@'':2): no key follows "@"
  filter@'':2
         ^
${keyHint}`],
    ['filter@0', `
STAGE_SYNTAX stage 1 (filter@0): 0 is no column number
  filter@0
         ^
${keyHint}`],
    ['filter@3=x', `
STAGE_SYNTAX stage 1 (filter@3=x): the argument comes before the key
  filter@3=x
          ^
> The order is NAME[=ARG][@KEY][:TASKS]. A header name with "=" in it is quoted.`],
    ['filter@3@4', `
STAGE_SYNTAX stage 1 (filter@3@4): a stage has one key
  filter@3@4
          ^
> The order is NAME[=ARG][@KEY][:TASKS]. A header name with "@" in it is quoted.`],
  ])('keys: %s', (text, expected) => expect(`\n${failureOf(() => parseStages(text))}`).toBe(expected));

  const names = 'Operators are identity, filter, transform, replace, flatmap, aggregate, running-aggregate, sum.';
  test.each([
    ['identity,fitler=x', `
UNKNOWN_OPERATOR stage 2 (fitler=x): there is no operator "fitler"
> Did you mean filter? ${names} A command of your own is written cmd="fitler".`],
    ['grep', `
UNKNOWN_OPERATOR stage 1 (grep): there is no operator "grep"
> ${names} A command of your own is written cmd="grep".`],
    ['grep -F Stop,filter', `
UNKNOWN_OPERATOR stage 1 (grep -F Stop): "grep -F Stop" is no operator's name
> To run a command, quote it: cmd="grep -F Stop", or give it as a stage of its own: --stage 'grep -F Stop'.`],
    ['filter,grep "a,b" | sort,identity', `
UNKNOWN_OPERATOR stage 2 (grep "a,b" | sort): "grep "a,b" | sort" is no operator's name
> To run a command, quote it: cmd='grep "a,b" | sort', or give it as a stage of its own: --stage 'grep "a,b" | sort'.`],
    ['./count.py', `
UNKNOWN_OPERATOR stage 1 (./count.py): "./count.py" is no operator's name
> To run a command, quote it: cmd="./count.py", or give it as a stage of its own: --stage './count.py'.`],
    ['filter Sign', `
UNKNOWN_OPERATOR stage 1 (filter Sign): "filter" is followed by a space
> An argument is given with =, as in filter=Sign. A command of that name is written cmd="filter Sign".`],
  ])('names: %s', (text, expected) => expect(`\n${failureOf(() => parseStages(text))}`).toBe(expected));

  test.each([
    ['identity,filter=/[/', `
OPERATOR_ARGUMENT stage 2 (filter=/[/): /[/ is no regular expression: Unterminated character class
> Regular expressions are JavaScript's. A special character that is meant literally is escaped, as in \\( or \\*.`],
    ['transform', `
OPERATOR_ARGUMENT stage 1 (transform): transform needs an argument
> As in transform=1-3: keeps these CSV columns, in this order: 1-3, '1,4' or header names.`],
    ['identity=x', `
OPERATOR_ARGUMENT stage 1 (identity=x): identity takes no argument
> Write identity alone.`],
    ['aggregate=0', `
OPERATOR_ARGUMENT stage 1 (aggregate=0): 0 is no column number
> Columns are numbered from 1 to at most 65536.`],
  ])('arguments: %s', (text, expected) => expect(`\n${failureOf(() => parseStages(text))}`).toBe(expected));

  test('a long text is cut around the place', () => {
    const text = `${'filter=Stop,'.repeat(20)}identity:0,${'filter=Stop,'.repeat(20)}identity`;
    const [, line = '', caret = ''] = failureOf(() => parseStages(text)).split('\n');
    expect(line.length).toBeLessThan(100);
    expect(line.slice(caret.indexOf('^') - 9, caret.indexOf('^') + 1)).toBe('identity:0');
  });
});

describe('for all stages', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'B', '7', ' ', ',', ':', '@', '=', '/', '\\', "'", '"', '\t', 'é', '💧') });
  const tasks = fc.integer({ min: 1, max: 256 });
  const key = fc.oneof(
    fc.constant(undefined),
    fc.constant<KeySpec>({ kind: 'line' }),
    fc.integer({ min: 1, max: 999 }).map((column): KeySpec => ({ kind: 'column', column })),
    text.filter((name) => name.trim() !== '' && !/^(-?\d+|".*"|line)$/.test(name)).map((name): KeySpec => ({ kind: 'header', name })),
  );
  const program = fc.oneof(
    text.filter((argument) => argument !== '' && !argument.startsWith('/')).map((argument): ProgramSpec => ({ kind: 'operator', operator: 'filter', argument })),
    fc.constantFrom('/a/', '/a,b:c@d/i', String.raw`/\/'"/`).map((argument): ProgramSpec => ({ kind: 'operator', operator: 'flatmap', argument })),
    fc.constantFrom('/a,b/x,y/', String.raw`/(a)\/'/\1"/i`).map((argument): ProgramSpec => ({ kind: 'operator', operator: 'replace', argument })),
    fc.constantFrom('identity', 'filter', 'running-aggregate').map((operator): ProgramSpec => ({ kind: 'operator', operator, argument: undefined })),
    fc.array(text).map((words): ProgramSpec => ({ kind: 'command', commandLine: ['cat', ...words.map(quote)].join(' ') })),
  );
  const stage = fc.record({ program, key, tasks }).map(({ program: what, ...settings }) => makeStage(what, settings));

  test('a formatted list parses back', () => {
    fc.assert(fc.property(fc.array(stage, { minLength: 1, maxLength: 4 }), (stages) => {
      expect(parseStages(stages.map(formatStage).join(','))).toEqual(stages);
    }));
  });

  test('a text is read or refused with a message, never worse', () => {
    fc.assert(fc.property(fc.array(fc.oneof(text, fc.constantFrom('filter', 'cmd=', 'replace=/', ',', '@', ':2')), { maxLength: 6 }), (pieces) => {
      try {
        expect(parseStages(pieces.join('')).length).toBeGreaterThan(0);
      } catch (error) {
        expect(error).toHaveProperty('code');
      }
    }));
  });
});
