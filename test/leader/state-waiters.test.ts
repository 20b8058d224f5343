import { expect, test } from 'vitest';
import { StateWaiters } from '../../src/leader/state-waiters.ts';

const never = new AbortController().signal;

test('all who wait are woken by a change, once', async () => {
  const waiters = new StateWaiters();
  const woken = Promise.all([waiters.next(never), waiters.next(never)]);
  expect(waiters.count).toBe(2);
  waiters.wake();
  await woken;
  expect(waiters.count).toBe(0);
});

test('whoever stops waiting is forgotten, and the others wait on', async () => {
  const waiters = new StateWaiters();
  const leaves = new AbortController();
  const [left, stays] = [waiters.next(leaves.signal), waiters.next(never)];
  leaves.abort();
  await left;
  expect(waiters.count).toBe(1);
  waiters.wake();
  await stays;
});

test('who has stopped before does not wait', async () => {
  const waiters = new StateWaiters();
  await waiters.next(AbortSignal.abort());
  expect(waiters.count).toBe(0);
});
