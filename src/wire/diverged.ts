import { RainstormError } from '../base/errors.ts';

/** An operator that was started again made something else than before. */
export function diverged(how: string): RainstormError {
  return new RainstormError('DIVERGED', `the operator was started again and its output is another: ${how}`, {
    hint: 'It must print the same for the same input. Random numbers, the time of day, and the order of unsorted sets are the usual reasons. For one that cannot, the stage can say release: committed.',
  });
}
