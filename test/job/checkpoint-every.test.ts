import { describe, expect, test } from 'vitest';
import { parseCheckpointEvery } from '../../src/job/checkpoint-every.ts';
import { failureOf } from './failure.ts';

describe('how often checkpoints are made', () => {
  test.each([
    ['500ms', { kind: 'time', ms: 500 }], ['2s', { kind: 'time', ms: 2_000 }], [' 1.5 min ', { kind: 'time', ms: 90_000 }], ['1H', { kind: 'time', ms: 3_600_000 }],
    ['8MiB', { kind: 'size', bytes: 8 * 2 ** 20 }], ['100b', { kind: 'size', bytes: 100 }], ['1K', { kind: 'size', bytes: 1024 }],
  ])('%s', (text, every) => {
    expect(parseCheckpointEvery(text)).toEqual(every);
  });

  test.each([
    ['5', 'is no duration and no size'], ['often', 'is no duration and no size'], ['2 fortnights', 'is no duration and no size above 0'], ['0MiB', 'no size above 0'],
    ['1ms', 'is not between 10ms and 24h'], ['2min2s', 'is no duration'], ['25h', 'is not between'], ['2m', 'may be minutes or mebibytes'],
  ])('%s is refused', (text, message) => {
    expect(failureOf(() => parseCheckpointEvery(text))).toContain(message);
  });
});
