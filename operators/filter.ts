#!/usr/bin/env node
import { parseFilterArgument } from '../src/job/operator-arguments.ts';
import { keepMatching, keepNotBlank, keepWithText } from './lib/keep.ts';
import { compilePattern } from './lib/pattern.ts';
import { runOperator } from './lib/run-operator.ts';

await runOperator('filter', (argument) => {
  const wanted = parseFilterArgument(argument);
  if (wanted.kind === 'text') return keepWithText(Buffer.from(wanted.text));
  return wanted.kind === 'regex' ? keepMatching(compilePattern(wanted)) : keepNotBlank();
});
