import { describe, expect, test } from 'vitest';
import { parseStageFlag } from '../../src/job/stage-flag.ts';
import type { KeySpec, ProgramSpec } from '../../src/job/stage-spec.ts';
import { failureOf } from './failure.ts';

const line: KeySpec = { kind: 'line' };

describe('a value is a stage in the grammar or a command by itself', () => {
  test.each<[string, ProgramSpec, KeySpec | undefined, number]>([
    ['grep Stop', { kind: 'command', commandLine: 'grep Stop' }, undefined, 1],
    ['grep -F a,b', { kind: 'command', commandLine: 'grep -F a,b' }, undefined, 1],
    ['sort | uniq -c @line:3', { kind: 'command', commandLine: 'sort | uniq -c' }, line, 3],
    ['grep 12:30', { kind: 'command', commandLine: 'grep 12:30' }, undefined, 1],
    ['grep 12:30 :2', { kind: 'command', commandLine: 'grep 12:30' }, undefined, 2],
    ['cut -d, -f3 @2', { kind: 'command', commandLine: 'cut -d, -f3' }, { kind: 'column', column: 2 }, 1],
    ['wc -l @"Asset Category":2', { kind: 'command', commandLine: 'wc -l' }, { kind: 'header', name: 'Asset Category' }, 2],
    [String.raw`wc -l @Asset\ Category`, { kind: 'command', commandLine: 'wc -l' }, { kind: 'header', name: String.raw`Asset\ Category` }, 1],
    ["echo '@line'", { kind: 'command', commandLine: "echo '@line'" }, undefined, 1],
    [String.raw`echo \:2`, { kind: 'command', commandLine: String.raw`echo \:2` }, undefined, 1],
    [`awk '{print "a :2"}'`, { kind: 'command', commandLine: `awk '{print "a :2"}'` }, undefined, 1],
    ['for x in a; do cat; done', { kind: 'command', commandLine: 'for x in a; do cat; done' }, undefined, 1],
    ['LANG=C sort', { kind: 'command', commandLine: 'LANG=C sort' }, undefined, 1],
    ['filter-signs x', { kind: 'command', commandLine: 'filter-signs x' }, undefined, 1],
    ['filter.py', { kind: 'command', commandLine: 'filter.py' }, undefined, 1],
    ['sum=1/2', { kind: 'operator', operator: 'sum', argument: '1/2' }, undefined, 1],
    ['filter=a,b:2', { kind: 'operator', operator: 'filter', argument: 'a,b' }, undefined, 2],
    ['aggregate=7', { kind: 'operator', operator: 'aggregate', argument: '7' }, undefined, 1],
    ['aggregate=line :2', { kind: 'operator', operator: 'aggregate', argument: 'line' }, undefined, 2],
    ['identity @line', { kind: 'operator', operator: 'identity', argument: undefined }, line, 1],
    ['transform=1,4', { kind: 'operator', operator: 'transform', argument: '1,4' }, undefined, 1],
    ['cmd="filter Sign":2', { kind: 'command', commandLine: 'filter Sign' }, undefined, 2],
  ])('%s', (text, program, key, tasks) => {
    expect(parseStageFlag(text)).toMatchObject({ program, key, tasks });
  });
});

describe('what is refused says what to write', () => {
  const names = 'Operators are identity, filter, transform, replace, flatmap, aggregate, running-aggregate, sum.';
  test.each([
    [' ', `
STAGE_SYNTAX the stage is empty
> Give an operator or a command, as in -s aggregate=2:3 or -s 'grep Stop'.`],
    ['filter Sign', `
STAGE_SYNTAX stage (filter Sign): filter is followed by "Sign"
> filter is an operator of RainStorm; its argument is given with =, as in filter=Sign. For a command of that name write cmd="filter Sign".`],
    ['sum', `
OPERATOR_ARGUMENT stage (sum): sum needs an argument
> As in sum=1/3: key,count,sum,min,max,mean of KEY/VALUE columns for each key at the end.`],
    ['sum -r file', `
STAGE_SYNTAX stage (sum -r file): sum is followed by "-r file"
> sum is an operator of RainStorm. For a command of that name write cmd="sum -r file".`],
    ['cmd grep Stop', `
STAGE_SYNTAX stage (cmd grep Stop): cmd is followed by "grep Stop"
> A command is given with =, as in cmd="grep Stop", or by itself, without cmd.`],
    ['filter,aggregate', `
STAGE_SYNTAX stage (filter,aggregate): filter is followed by ",aggregate"
> --stage takes one stage. Several, separated by commas, are given with --stages "filter,aggregate".`],
    ['fitler=Sign', `
UNKNOWN_OPERATOR stage (fitler=Sign): there is no operator "fitler"
> Did you mean filter=Sign? ${names}`],
    ['grep Stop :0', `
STAGE_SYNTAX stage (grep Stop :0): 0 tasks are not possible
  grep Stop :0
             ^
> A stage has 1 to 256 tasks, as in aggregate:3. A colon that is meant as such is quoted or written \\:`],
    ['grep Stop @', `
STAGE_SYNTAX stage (grep Stop @): no key follows "@"
  grep Stop @
             ^
> A key is a column number from 1, line for the whole tuple, or a header name, as in @2, @line or @"Asset Category".`],
    ['@line:2', `
STAGE_SYNTAX stage (@line:2): there is no command before the key and the number of tasks
  @line:2
  ^
> As in -s 'sort | uniq -c @line:3'.`],
    ["grep 'Stop", `
STAGE_SYNTAX stage (grep 'Stop): the command has a ' that is not closed
  grep 'Stop
       ^
> Close it, or write \\' for the character itself.`],
    ['filter:300', `
STAGE_SYNTAX stage (filter:300): 300 tasks are not possible
  filter:300
         ^
> A stage has 1 to 256 tasks, as in aggregate:3. A colon that is meant as such is quoted or written \\:`],
  ])('%s', (text, expected) => expect(`\n${failureOf(() => parseStageFlag(text))}`).toBe(expected));
});
