import { describe, expect, test } from 'vitest';
import { parseCommandLine } from '../../src/job/command-line.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import type { Program } from '../../src/job/program.ts';
import { failureOf } from '../../src/task/exit-verdict.ts';
import { operatorMembers } from '../../src/task/operator-command.ts';
import { stagePlan } from './stage-plan.ts';
import { RunningOperator } from './run-operator.ts';

function members(program: Program, stage: Partial<StagePlan> = {}, lineBuffered = false) {
  return operatorMembers(stagePlan({ program, ...stage }), lineBuffered);
}

describe('a script under bash', () => {
  // $X and $U make each of them more than a chain; they are y and nothing.
  test.each<[string, number, string]>([
    ['yes "$X" | head -1', 0, 'y\n'],
    ['yes "$X" | head -1; true', 0, 'y\n'],
    ['yes "$X" | head -2 | head -1', 0, 'y\n'],
    ['false; true', 0, ''],
    ['true; false', 1, ''],
    ['false | true; true', 0, ''],
    ['(exit 3) | cat $U', 3, ''],
    ['(exit 3) | yes $U | head -1', 3, 'y\n'],
    ['(exit 3) | (exit 4) | cat $U', 4, ''],
    ['(exit 3) | yes $U | (exit 4)', 4, ''],
    ['true | (exit 5)', 5, ''],
    ['exit 7', 7, ''],
    ['yes $U | head -1; exit 7', 7, 'y\n'],
    ['echo "$X" | sh -c \'kill -PIPE $$\'', 141, ''],
    ['sh -c \'kill -PIPE $$\'; (exit $?)', 141, ''],
    ['yes $U | (exit 141)', 141, ''],
    ['if false; then echo; fi', 0, ''],
    ['! false', 0, ''],
    ['! true', 1, ''],
    ['echo a # and a comment', 0, 'a\n'],
    ['cat <<end\nhere\nend', 0, 'here\n'],
    ['set -e; false; echo', 1, ''],
    ['set -u; echo a | cat', 0, 'a\n'],
  ])('%s: status %i', async (script, status, stdout) => {
    const [member] = members({ kind: 'shell', script });
    const running = await RunningOperator.start([member ?? expect.unreachable()], { env: { X: 'y' } });
    running.process.endInput();
    const exits = await running.exits;
    expect([exits[0]?.status, running.text]).toEqual([status, stdout]);
    expect(failureOf(exits)?.status).toBe(status === 0 ? undefined : status);
    expect(exits[0]?.command).toBe(script);
  });

  test('may exit as the stage allows', () => {
    expect(members({ kind: 'shell', script: 'exit 1' }, { okExit: [1, 2] })[0]?.okStatuses).toEqual([0, 1, 2]);
    // grep under a shell is a part of the script: what its status means is for the script to say.
    expect(members({ kind: 'shell', script: 'grep $X' })[0]?.okStatuses).toEqual([0]);
  });
});

test('a chain has a process for each command, with the statuses it may exit with by custom or by the user\'s word', () => {
  expect(members(parseCommandLine('grep -F Stop | sort | /usr/bin/egrep x'), { okExit: [4] })).toEqual([
    { shown: 'grep -F Stop', argv: ['grep', '-F', 'Stop'], okStatuses: [0, 1, 4] },
    { shown: 'sort', argv: ['sort'], okStatuses: [0, 4] },
    { shown: '/usr/bin/egrep x', argv: ['/usr/bin/egrep', 'x'], okStatuses: [0, 1, 4] },
  ]);
});

test('line buffering is for commands that are not ours', () => {
  expect(members(parseCommandLine('sort | uniq'), {}, true).map(({ argv, shown }) => [argv.slice(0, 3), shown])).toEqual([
    [['stdbuf', '-oL', 'sort'], 'sort'],
    [['stdbuf', '-oL', 'uniq'], 'uniq'],
  ]);
  expect(members({ kind: 'shell', script: 'echo $X' }, {}, true)[0]?.argv.slice(0, 3)).toEqual(['stdbuf', '-oL', 'bash']);
  expect(members({ kind: 'operators', operators: [{ operator: 'identity', args: [] }] }, {}, true)[0]?.argv[0]).toBe(process.execPath);
});

test('an operator of ours is started by the same Node, and shown by its name', async () => {
  const [member] = members({ kind: 'operators', operators: [{ operator: 'filter', args: ['--text', 'Stop'] }] });
  expect(member).toMatchObject({ shown: 'filter --text Stop', okStatuses: [0] });
  expect(member?.argv[0]).toBe(process.execPath);
  expect(member?.argv[1]).toMatch(/\/operators\/filter\.[jt]s$/);
});
