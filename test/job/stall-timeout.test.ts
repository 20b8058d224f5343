import { describe, expect, test } from 'vitest';
import { makeStage } from '../../src/job/make-stage.ts';
import { parseStallTimeout } from '../../src/job/stall-timeout.ts';
import { failureOf } from './failure.ts';

describe('how long an operator may stand still', () => {
  test.each([['500ms', 500], ['60s', 60_000], [' 1.5 min ', 90_000], ['1H', 3_600_000], ['off', 0]])('%s', (text, ms) => {
    expect(parseStallTimeout(text)).toBe(ms);
  });

  test.each([['5', 'is no duration'], ['never', 'is no duration'], ['8MiB', 'is no duration'], ['99ms', 'is not between 100ms and 24h'], ['25h', 'is not between'], ['', 'is no duration']])('%s is refused', (text, message) => {
    expect(failureOf(() => parseStallTimeout(text))).toContain(message);
  });

  test('what is done about it is asked only where somebody looks', () => {
    const command = { kind: 'command', commandLine: 'cat' } as const;
    const ours = { kind: 'operator', operator: 'filter' } as const;
    for (const refused of [() => makeStage(command, { onStall: 'restart' }), () => makeStage(ours, { onStall: 'report', stallTimeoutMs: 0 })]) expect(failureOf(refused)).toContain('onStall has no meaning');
    expect(makeStage(ours, { onStall: 'restart' }).onStall).toBe('restart');
    expect(makeStage(command, { onStall: 'restart', stallTimeoutMs: 500 }).onStall).toBe('restart');
  });
});
