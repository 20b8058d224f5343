import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { producerNumber } from '../../src/job/task-id.ts';
import { FeedPosition } from '../../src/task/feed-position.ts';
import { NOTHING_SKIPPED } from '../../src/task/skip.ts';

const TASKS = 3;
const BYTES = Buffer.from('a\n');
const FRAME = { payload: BYTES, inputBytes: BYTES.length, digest: undefined };

function producersOf(generation: number): number[] {
  return Array.from({ length: TASKS }, (_, index) => producerNumber({ generation, index }));
}

test('producers that have ended are remembered until those of the next generation are fed, however often there are others', () => {
  const position = new FeedPosition(NOTHING_SKIPPED);
  let at = 0;
  for (let generation = 1; generation <= 50; generation++) {
    const producers = producersOf(generation);
    for (const producer of producers) position.frame(at++, producer, 1, FRAME);
    const among = position.mark;
    expect([...among.input.keys()].toSorted((a, b) => a - b)).toEqual(producers);
    for (const producer of producers) position.fin(at++, producer, true);
    expect([...position.mark.input.values()]).toEqual(producers.map(() => ({ next: 1, ended: true, superseded: true, digest: crc32(BYTES) })));
    expect(position.producers).toBe(TASKS);
    expect(among.input.get(producers[0] as number)?.ended, 'a mark stays as it was').toBe(false);
  }
  expect(position.inputBytes).toBe(50 * TASKS * BYTES.length);
});

test('one of an earlier generation that has not ended is remembered beside the next', () => {
  const position = new FeedPosition(NOTHING_SKIPPED);
  const [first = 0, second = 0, third = 0] = producersOf(1);
  for (const [at, producer] of [first, second, third].entries()) position.frame(at, producer, 1, FRAME);
  position.fin(3, second, true);
  const [next = 0] = producersOf(2);
  position.frame(4, next, 1, FRAME);
  expect([...position.mark.input.keys()]).toEqual([first, third, next]);
  position.frame(5, first, 2, FRAME);
  expect(position.mark.input.get(first)).toEqual({ next: 2, ended: false, digest: crc32(BYTES, crc32(BYTES)) });
});
