import { describe, test } from 'vitest';
import { mutantTests } from './mutant-tests.ts';
import { MUTANTS } from './mutants.ts';

describe('the simulator notices when a rule is broken', () => {
  const check = mutantTests();
  test.each(MUTANTS)('$name', { timeout: 120_000 }, (mutant) => check(mutant));
});
