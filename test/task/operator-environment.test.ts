import { expect, onTestFinished, test } from 'vitest';
import { operatorEnvironment } from '../../src/task/operator-environment.ts';
import { stagePlan } from './stage-plan.ts';

function withVariables(variables: Readonly<Record<string, string>>): void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  onTestFinished(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
}

test('an operator is told who it is, sorts by bytes, and hashes as it did the last time', () => {
  withVariables({ LC_ALL: 'de_DE.UTF-8', PYTHONHASHSEED: '77', INHERITED: 'yes' });
  expect(operatorEnvironment(stagePlan({ number: 2, tasks: 5 }), 'job-1', 3, 'C')).toMatchObject({
    LC_ALL: 'C',
    PYTHONHASHSEED: '0',
    PERL_HASH_SEED: '0',
    RAINSTORM_JOB: 'job-1',
    RAINSTORM_STAGE: '2',
    RAINSTORM_TASK: '3',
    RAINSTORM_TASKS: '5',
    INHERITED: 'yes',
    PATH: process.env['PATH'],
  });
});

test('what the stage says comes last', () => {
  const env = operatorEnvironment(stagePlan({ env: { LC_ALL: 'C.UTF-8', RAINSTORM_TASK: 'mine', NEW: '1' } }), 'j', 0, 'C');
  expect(env).toMatchObject({ LC_ALL: 'C.UTF-8', RAINSTORM_TASK: 'mine', NEW: '1' });
});

test('the token that starts commands is not handed to commands', () => {
  withVariables({ RAINSTORM_TOKEN: 'secret', NODE_CHANNEL_FD: '3' });
  const env = operatorEnvironment(stagePlan(), 'j', 0, 'C');
  expect(Object.keys(env)).not.toContain('RAINSTORM_TOKEN');
  expect(Object.keys(env)).not.toContain('NODE_CHANNEL_FD');
});
