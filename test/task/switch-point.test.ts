import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeSwitch, encodeSwitch } from '../../src/task/switch-point.ts';

test('a SWITCH is read back as it was written', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.maxSafeNat(), (generation, ordinal) => {
    expect(decodeSwitch(encodeSwitch({ generation, ordinal }))).toEqual({ generation, ordinal });
  }));
});

test('what is no SWITCH is refused', () => {
  const bytes = encodeSwitch({ generation: 2, ordinal: 7 });
  for (const record of [bytes.subarray(0, 11), Buffer.concat([bytes, Buffer.alloc(1)]), Buffer.alloc(0)]) {
    expect(() => decodeSwitch(record)).toThrow(expect.objectContaining({ code: 'LOG_CORRUPT' }) as Error);
  }
});
