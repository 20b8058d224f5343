#!/usr/bin/env node
import { invariant } from '../src/base/errors.ts';
import { parseSumArgument } from '../src/job/operator-arguments.ts';
import { runOperator } from './lib/run-operator.ts';
import { sumByKey } from './lib/sums.ts';

await runOperator('sum', (argument = '') => {
  const { key, value } = parseSumArgument(argument);
  invariant(key.kind === 'column' && value.kind === 'column', 'names have become numbers before an operator is made');
  return sumByKey(key.column, value.column);
});
