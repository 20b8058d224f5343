#!/usr/bin/env node
import { parseSeparatorArgument } from '../src/job/operator-arguments.ts';
import { compilePattern } from './lib/pattern.ts';
import { cutAtPattern, cutAtText, cutIntoWords } from './lib/cut.ts';
import { runOperator } from './lib/run-operator.ts';

await runOperator('flatmap', (argument) => {
  const separator = parseSeparatorArgument(argument);
  if (separator.kind === 'text') return cutAtText(Buffer.from(separator.text));
  return separator.kind === 'regex' ? cutAtPattern(compilePattern(separator, 'g')) : cutIntoWords();
});
