#!/usr/bin/env node
import { parseColumnList } from '../src/job/operator-arguments.ts';
import { keepColumns } from './lib/keep-columns.ts';
import { runOperator } from './lib/run-operator.ts';

await runOperator('transform', (argument = '') => keepColumns(parseColumnList(argument)));
