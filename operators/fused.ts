#!/usr/bin/env node
import { runFused } from './lib/run-operator.ts';

await runFused();
