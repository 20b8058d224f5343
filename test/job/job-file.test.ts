import { describe, expect, test } from 'vitest';
import { parseJobFile } from '../../src/job/job-file.ts';
import { makeStage } from '../../src/job/make-stage.ts';
import { failureOf } from './failure.ts';

function failure(text: string): string {
  return `\n${failureOf(() => parseJobFile(text, 'configs/x.yaml'))}`;
}

describe('what is read', () => {
  test('every key', () => {
    const file = parseJobFile(`
stages:
  - filter=Sign,Stop:2
  - sort | uniq -c @line:3
  - operator: aggregate
    argument: 3
    tasks: 3
    name: counts
  - command: [grep, -F, "a $b"]
    key: Asset Category
    okExit: [0, 2]
    env: {A: 1, B: true, C: x}
    cwd: sub
    contract: restart
    checkpointEvery: 2s
    release: committed
  - command: grep 12:30 :2
    key: 2
    okExit: 1
    maxRestarts: 0
    stallTimeout: 2min
    onStall: restart
    onPoison: deadletter
    contract: fold
    checkpointEvery: 8MiB
src: in.csv
dest: out/
format: csv
header: true
outputHeader: false
overwrite: true
rate: 0.5
workers: 2
maxTuple: 1MiB
locale: en_US.UTF-8
lineBuffered: true
fuse: false
logTuples: off
`, 'x.yaml');
    expect(file).toEqual({
      stages: [
        makeStage({ kind: 'operator', operator: 'filter', argument: 'Sign,Stop' }, { tasks: 2 }),
        makeStage({ kind: 'command', commandLine: 'sort | uniq -c' }, { key: { kind: 'line' }, tasks: 3 }),
        makeStage({ kind: 'operator', operator: 'aggregate', argument: '3' }, { tasks: 3, name: 'counts' }),
        makeStage({ kind: 'argv', argv: ['grep', '-F', 'a $b'] }, {
          key: { kind: 'header', name: 'Asset Category' }, okExit: [0, 2], env: { A: '1', B: 'true', C: 'x' }, cwd: 'sub', contract: 'restart', checkpointEvery: { kind: 'time', ms: 2000 }, release: 'committed',
        }),
        makeStage({ kind: 'command', commandLine: 'grep 12:30 :2' }, { key: { kind: 'column', column: 2 }, okExit: [1], maxRestarts: 0, stallTimeoutMs: 120_000, onStall: 'restart', onPoison: 'deadletter', contract: 'fold', checkpointEvery: { kind: 'size', bytes: 8 * 2 ** 20 } }),
      ],
      sources: ['in.csv'], dest: 'out/', format: 'csv', header: true, outputHeader: false, overwrite: true, rate: [{ fromMs: 0, tuplesPerSecond: 0.5 }], workers: 2,
      maxTupleBytes: 1 << 20, locale: 'en_US.UTF-8', lineBuffered: true, fuse: false, logTuples: 'off',
    });
  });

  test('stages as one text, several sources, a size in bytes', () => {
    const file = parseJobFile('stages: filter,aggregate:3\nsrc: [a.csv, "b*.csv"]\nmaxTuple: 100\n', 'x.yaml');
    expect(file).toEqual({
      stages: [makeStage({ kind: 'operator', operator: 'filter', argument: undefined }), makeStage({ kind: 'operator', operator: 'aggregate', argument: undefined }, { tasks: 3 })],
      sources: ['a.csv', 'b*.csv'], maxTupleBytes: 100,
    });
  });

  test.each(['100,20s:1000', '"100, 20 s: 1000"'])('a rate that changes: %s', (text) => {
    expect(parseJobFile(`rate: ${text}`, 'x.yaml').rate).toEqual([{ fromMs: 0, tuplesPerSecond: 100 }, { fromMs: 20_000, tuplesPerSecond: 1000 }]);
  });
});

describe('what is refused says where, what, and what is allowed', () => {
  const jobKeys = 'autoscale, dest, format, fuse, header, lineBuffered, locale, logTuples, maxTuple, outputHeader, overwrite, rate, src, stages, workers';
  const stageKeys = 'argument, autoscale, checkpointEvery, command, contract, cwd, env, key, maxRestarts, name, okExit, onPoison, onStall, operator, release, stallTimeout, tasks';
  const operators = 'Operators are identity, filter, transform, replace, flatmap, aggregate, running-aggregate, sum.';

  test('bad YAML', () => {
    expect(failure('stages: [a\nsrc: x')).toMatch(/^\nJOB_FILE configs\/x\.yaml:2:\d+: \S/);
    expect(failure('rate: 1\nrate: 2')).toBe('\nJOB_FILE configs/x.yaml:2:1: Map keys must be unique');
    expect(failure('src: *a')).toBe('\nJOB_FILE configs/x.yaml:1:1: Unresolved alias (the anchor must be set before the alias): a');
    expect(failure('src: !x a')).toBe('\nJOB_FILE configs/x.yaml:1:6: Unresolved tag: !x');
  });

  test('no mapping', () => {
    expect(failure('')).toBe('\nJOB_FILE configs/x.yaml:1:1: the file is empty; it must be keys and values, as in "stages: filter=Stop"');
    expect(failure('\n- a')).toBe('\nJOB_FILE configs/x.yaml:2:1: the file is ["a"]; it must be keys and values, as in "stages: filter=Stop"');
  });

  test('unknown keys', () => {
    expect(failure('output-header: true\n"a b": 1\nstages:\n  - command: ls\n    task: 3')).toBe(`
JOB_FILE configs/x.yaml:1:1: output-header: there is no such key; did you mean outputHeader?
  Allowed: ${jobKeys}
configs/x.yaml:2:1: ["a b"]: there is no such key
  Allowed: ${jobKeys}
configs/x.yaml:5:5: stages[0].task: there is no such key; did you mean tasks?
  Allowed: ${stageKeys}`);
  });

  test('values of the job', () => {
    expect(failure('src: []\ndest:\nformat: tsv\nheader: yes\nrate: 0\nworkers: 257\nmaxTuple: 3GiB\nlogTuples: some\nstages: []')).toBe(`
JOB_FILE configs/x.yaml:1:6: src is []; it must be a list of at least one path
configs/x.yaml:2:6: dest is empty; it must be a path, or - for stdout
configs/x.yaml:3:9: format is "tsv"; it must be csv or lines
configs/x.yaml:4:9: header is "yes"; it must be true or false
configs/x.yaml:5:7: rate is 0; it must be a number of tuples per second above 0
configs/x.yaml:6:10: workers is 257; it must be a whole number from 1 to 256
configs/x.yaml:7:11: maxTuple is "3GiB"; it must be from 1 byte to 2 GiB - 1
configs/x.yaml:8:12: logTuples is "some"; it must be first, all or off
configs/x.yaml:9:9: stages is []; it must be a list of at least one stage`);
    expect(failure('src: 3\nmaxTuple: 5 stones\nstages: 3')).toBe(`
JOB_FILE configs/x.yaml:1:6: src is 3; it must be a path, a glob, or - for stdin, or a list of them
configs/x.yaml:2:11: maxTuple: "5 stones" is no size
  Give a number of bytes, or one with a unit: 64MiB, 512K, 1.5GB.
configs/x.yaml:3:9: stages is 3; it must be a text as --stages takes it, or a list of stages`);
  });

  test('rates', () => {
    expect(failure('rate: 100,20:1000')).toBe(`
JOB_FILE configs/x.yaml:1:7: rate: "20" is no time
  A time since the start is given in ms, s, min or h, as in 500ms or 20s.`);
    expect(failure('rate: [100]')).toBe('\nJOB_FILE configs/x.yaml:1:7: rate is [100]; it must be a number of tuples per second above 0, or several from different times on, as in 100,20s:1000');
    expect(failure('rate: .inf')).toContain('rate is Infinity; it must be a number of tuples per second above 0');
  });

  test('values of a stage', () => {
    expect(failure('stages:\n  - {command: [ls, 3], key: 0, okExit: [0, 300], env: {A: [1]}, tasks: 0, cwd: "", name: "a\\tb"}\n  - {command: ls, okExit: x, tasks: "3", key: [1]}\n')).toBe(`
JOB_FILE configs/x.yaml:2:20: stages[0].command[1] is 3; it must be a word in quotes
configs/x.yaml:2:29: stages[0].key: 0 is no column number
  Columns are numbered from 1 to at most 65536.
configs/x.yaml:2:44: stages[0].okExit[1] is 300; it must be an exit status from 0 to 255
configs/x.yaml:2:59: stages[0].env.A is [1]; it must be a text, a number, true or false
configs/x.yaml:2:72: stages[0].tasks is 0; it must be a whole number from 1 to 256
configs/x.yaml:2:80: stages[0].cwd is ""; it must be a folder
configs/x.yaml:2:90: stages[0].name is "a\\tb"; it must be a name on one line
configs/x.yaml:3:27: stages[1].okExit is "x"; it must be an exit status from 0 to 255, or a list of them
configs/x.yaml:3:37: stages[1].tasks is "3"; it must be a whole number from 1 to 256
configs/x.yaml:3:47: stages[1].key is [1]; it must be a column number, a header name, or line`);
  });

  test('programs of stages', () => {
    expect(failure('stages:\n  - fitler=Sign\n  - operator: agregate\n  - {operator: filter, argument: "/[/"}\n  - command: "a |"\n  - {operator: transform}\n  - {}\n  - {operator: identity, command: ls}\n  - {command: ls, argument: x}\n  - 5\n  - command: []')).toBe(`
JOB_FILE configs/x.yaml:2:5: stages[0]: stage (fitler=Sign): there is no operator "fitler"
  Did you mean filter=Sign? ${operators}
configs/x.yaml:3:15: stages[1].operator: there is no operator "agregate"
  Did you mean aggregate? ${operators} A program of your own is given as command:.
configs/x.yaml:4:34: stages[2].argument: /[/ is no regular expression: Unterminated character class
  Regular expressions are JavaScript's. A special character that is meant literally is escaped, as in \\( or \\*.
configs/x.yaml:5:14: stages[3].command: there is no command behind the last "|"
  a |
    ^
  A pipe joins commands, as in sort | uniq -c. A | that is meant as such goes in quotes.
configs/x.yaml:6:5: stages[4]: transform needs an argument
  As in transform=1-3: keeps these CSV columns, in this order: 1-3, '1,4' or header names.
configs/x.yaml:7:5: stages[5]: the stage has neither operator nor command
  Give one of the two.
configs/x.yaml:8:5: stages[6]: the stage has both operator and command
  Give one of the two.
configs/x.yaml:9:29: stages[7].argument: a command has no argument
  Write it behind the command, as in command: 'grep -F Stop'.
configs/x.yaml:10:5: stages[8] is 5; it must be a stage: a text as --stage takes it, or keys and values
configs/x.yaml:11:14: stages[9].command is []; it must be the program to start and its arguments`);
  });

  test('stages as one text', () => {
    expect(failure('stages: filter,,identity')).toMatch(/^\nJOB_FILE configs\/x\.yaml:1:9: stages: stage 2: the stage is empty\n {2}filter,,identity\n {9}\^\n/);
  });

  test('no more than ten problems at once', () => {
    const lines = failure(Array.from({ length: 14 }, (_, index) => `x${index}x: 1`).join('\n')).split('\n');
    expect(lines.filter((line) => line.includes('no such key')).length).toBe(10);
    expect(lines.at(-1)).toBe('and 4 more');
  });

  test('the name of a variable', () => {
    expect(failure('stages:\n  - command: ls\n    env: {"a=b": x}')).toBe('\nJOB_FILE configs/x.yaml:3:10: stages[0].env: "a=b" cannot be the name of a variable');
  });
});
