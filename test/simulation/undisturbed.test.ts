import { describe, expect, test } from 'vitest';
import { undisturbed } from './undisturbed.ts';

/** A line that programs die of which die of some. */
const DEADLY = 'k1,34';

describe('a fold that dies of a line, and says so', () => {
  const stage = { program: 'sum', contract: 'fold', frailty: 'loud' } as const;

  test('is heard where it has seen the end of all input', () => {
    expect(undisturbed(stage, [['k1,1'], ['k2,2', DEADLY]], [], false)).toMatchObject({ lines: [`cannot read ${DEADLY}`], dead: true });
  });

  test('is not heard where its input was only cut', () => {
    expect(undisturbed(stage, [['k1,1', DEADLY], ['k2,2']], [], false)).toMatchObject({ lines: [], dead: true });
  });

  test('is not heard where it hands over', () => {
    expect(undisturbed(stage, [['k1,1'], ['k2,2', DEADLY]], [], true)).toMatchObject({ lines: [], dead: true });
  });
});

test('a fold prints what it has gathered in all its pieces', () => {
  expect(undisturbed({ program: 'sum', contract: 'fold', frailty: 'none' }, [['k1,1'], ['k1,2']], [], false)).toMatchObject({ lines: ['k1,3~~'], dead: false });
});

test('what another prints before it dies is heard', () => {
  expect(undisturbed({ program: 'copy', contract: 'replay', frailty: 'loud' }, [['k1,1', DEADLY]], [], false)).toMatchObject({ lines: ['k1,1', `cannot read ${DEADLY}`], dead: true });
});
