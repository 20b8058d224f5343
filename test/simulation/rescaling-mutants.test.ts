import { describe, test } from 'vitest';
import { mutantTests } from './mutant-tests.ts';
import { RESCALING_MUTANTS } from './rescaling-mutants.ts';

describe('the simulator notices when a rule of rescaling is broken', () => {
  const check = mutantTests();
  test.each(RESCALING_MUTANTS)('$name', { timeout: 120_000 }, (mutant) => check(mutant));
});
