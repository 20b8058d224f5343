#!/usr/bin/env node
import { countAtEnd } from './lib/counts.ts';
import { readKey } from './lib/keys.ts';
import { runOperator } from './lib/run-operator.ts';

await runOperator('aggregate', (argument) => countAtEnd(readKey(argument)));
