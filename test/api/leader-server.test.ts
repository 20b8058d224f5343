/** What is asked of the leader over HTTP. */
import { expect, test } from 'vitest';
import { leaderRoutes } from '../../src/control/routes.ts';
import { cluster } from '../cli/harness.ts';

/** Asks for a job when its state is no longer `waiting`, or after so many milliseconds. */
const query = (waitMs: number) => ({ state: 'waiting', waitMs: String(waitMs) });

test('who asks to be told of a change is answered at once when there is one', async () => {
  const { client, leader, submit } = await cluster({ workers: 0 });
  await submit('a');
  const asked = client.call(leaderRoutes.job, undefined, { params: { job: 'a' }, query: query(5_000) });
  await expect.poll(() => leader.find('a').waiters.count, { timeout: 10_000 }).toBe(1);
  await client.call(leaderRoutes.cancel, undefined, { params: { job: 'a' } });
  expect((await asked).state).toBe('cancelled');
});

test('nothing is kept of those who asked to be told of a change and were answered that there was none', async () => {
  const { client, leader, submit } = await cluster({ workers: 0 });
  await submit('a');
  const ask = () => client.call(leaderRoutes.job, undefined, { params: { job: 'a' }, query: query(1) });
  const views = await Promise.all(Array.from({ length: 20 }, ask));
  expect(views.map(({ state }) => state)).toEqual(views.map(() => 'waiting'));
  expect(leader.find('a').waiters.count).toBe(0);
});
