#!/usr/bin/env node
import { parseReplaceArgument } from '../src/job/operator-arguments.ts';
import { replaceMatches } from './lib/replace-matches.ts';
import { runOperator } from './lib/run-operator.ts';

await runOperator('replace', (argument = '') => replaceMatches(parseReplaceArgument(argument)));
