import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { pageBytes } from '../../src/base/page-size.ts';

test.runIf(process.platform === 'linux')('it is the one that the system tells', () => {
  expect(pageBytes()).toBe(Number(execFileSync('getconf', ['PAGESIZE'])));
});
