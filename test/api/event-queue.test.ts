import { expect, test } from 'vitest';
import { EventQueue } from '../../src/api/event-queue.ts';

function queue(): EventQueue {
  return new EventQueue((events) => `lost ${events}`);
}

test('what is taken is gone, and what comes next is waited for, until no more will come', async () => {
  const events = queue();
  events.push('a');
  events.push('b');
  const all = events.all();
  expect([await all.next(), await all.next()].map(({ value }) => value as string)).toEqual(['a', 'b']);
  const next = all.next();
  events.push('c');
  expect((await next).value).toBe('c');
  events.push('d');
  events.end();
  expect([await all.next(), await all.next()]).toEqual([{ value: 'd', done: false }, { value: undefined, done: true }]);
});

test('a client that never reads costs no more than a thousand events, and is told how many it has missed', () => {
  const events = queue();
  for (let event = 0; event < 1_500; event++) events.push(String(event));
  const taken = events.take();
  expect(taken).toHaveLength(1_001);
  expect(taken.slice(-2)).toEqual(['999', 'lost 500']);
  events.push('7');
  expect(events.take()).toEqual(['7']);
});

test('of whole states only the newest of each kind is kept', () => {
  const events = queue();
  for (const at of [1, 2, 3]) events.replace('rates', `rates ${at}`);
  events.replace('jobs', 'jobs 1');
  events.push('a');
  expect(events.take()).toEqual(['a', 'rates 3', 'jobs 1']);
  expect(events.take()).toEqual([]);
});
