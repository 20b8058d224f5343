import { describe, expect, test } from 'vitest';
import type { WorkerInfo } from '../../src/control/schemas.ts';
import { Membership } from '../../src/leader/membership.ts';

const LEASE_MS = 5_000;

function worker(name: string, edgeOfJob?: string): WorkerInfo {
  return {
    worker: name, url: 'http://127.0.0.1:1', data: { host: '127.0.0.1', port: 1 }, pid: 2, hostname: 'here',
    ...(edgeOfJob === undefined ? {} : { edgeOfJob }),
  };
}

describe('membership', () => {
  test('M1: a worker is lost when it has been silent for longer than its lease, and not before', () => {
    const membership = new Membership(LEASE_MS);
    membership.register(worker('a'), 0);
    membership.register(worker('b'), 0);
    expect(membership.heard('b', 3_000)).toBe(true);
    expect(membership.expire(LEASE_MS)).toEqual([]);
    expect(membership.expire(LEASE_MS + 1).map((info) => info.worker)).toEqual(['a']);
    expect(membership.workers().map((info) => info.worker)).toEqual(['b']);
  });

  test('M1: who was declared lost is no member, whatever it says, and does not come back under its name', () => {
    const membership = new Membership(LEASE_MS);
    membership.register(worker('a'), 0);
    membership.expire(LEASE_MS + 1);
    expect(membership.heard('a', LEASE_MS + 2)).toBe(false);
    expect(() => membership.register(worker('a'), LEASE_MS + 3)).toThrow('declared lost');
  });

  test('a command with the user\'s streams takes no tasks of other jobs', () => {
    const membership = new Membership(LEASE_MS);
    membership.register(worker('edge', 'job-1'), 0);
    membership.register(worker('b'), 0);
    membership.register(worker('a'), 0);
    expect(membership.workers().map((info) => info.worker)).toEqual(['a', 'b']);
    expect(membership.find('edge')?.edgeOfJob).toBe('job-1');
  });
});
