#!/usr/bin/env node
import { runOperator } from './lib/run-operator.ts';

await runOperator('count-part');
