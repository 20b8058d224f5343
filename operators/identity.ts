#!/usr/bin/env node
import { runOperator } from './lib/run-operator.ts';

await runOperator('identity', () => ({ take: (block, output) => output.bytes(block.bytes) }));
