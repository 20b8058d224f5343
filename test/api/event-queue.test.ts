import { expect, test } from 'vitest';
import { EventQueue } from '../../src/api/event-queue.ts';
import type { JobEvent } from '../../src/control/job-event.ts';

function advice(stage: number): JobEvent {
  return { event: 'advice', data: { stage, text: '' } };
}

test('what is taken is gone, and what comes next is waited for', async () => {
  const queue = new EventQueue();
  queue.push(advice(1));
  queue.push(advice(2));
  await queue.filled;
  expect(queue.take()).toEqual([advice(1), advice(2)]);
  const { filled } = queue;
  queue.push(advice(3));
  await filled;
  expect(queue.take()).toEqual([advice(3)]);
});

test('a client that never reads costs no more than a thousand events, and is told how many it has missed', () => {
  const queue = new EventQueue();
  for (let stage = 0; stage < 1_500; stage++) queue.push(advice(stage));
  const events = queue.take();
  expect(events).toHaveLength(1_001);
  expect(events.slice(-2)).toEqual([advice(999), { event: 'lost', data: { events: 500 } }]);
  queue.push(advice(7));
  expect(queue.take()).toEqual([advice(7)]);
});
