#!/usr/bin/env node
import { countRunning } from './lib/counts.ts';
import { readKey } from './lib/keys.ts';
import { runOperator } from './lib/run-operator.ts';

await runOperator('running-aggregate', (argument) => countRunning(readKey(argument)));
