import { describe, expect, test } from 'vitest';
import { whyLost, type Loss } from '../../src/leader/recoverable.ts';

const WORKER = { worker: 'w1', url: 'http://127.0.0.1:1', data: { host: '127.0.0.1', port: 2 }, pid: 3, hostname: 'here' };

const LOSS: Loss = {
  worker: WORKER,
  hostname: 'here',
  unfinished: [{ stage: 0 }, { stage: 1 }, { stage: 2 }],
  sinkStage: 2,
  sink: { kind: 'file', path: '/out' },
  store: { folder: '/store', identity: 'x', durability: 'process', limitBytes: 1 },
  withoutProgress: 1,
};

describe('a job goes on without a worker', () => {
  test('that is on this machine, with files at both ends and a store', () => {
    expect(whyLost(LOSS)).toBeUndefined();
  });

  test.each([
    ['the command whose stdout it writes', { worker: { ...WORKER, edgeOfJob: 'j' } }, /the command whose stdout/],
    ['the command, where nothing is kept', { worker: { ...WORKER, edgeOfJob: 'j' }, unfinished: [{ stage: 0 }], store: undefined }, /best-effort nothing is kept/],
    ['no store', { store: undefined }, /best-effort nothing is kept/],
    ['another machine', { hostname: 'there' }, /ran on here, where it cannot be seen dead/],
    ['a device that was being written', { sink: { kind: 'device', path: '/dev/x' } }, /written to \/dev\/x cannot be taken back/],
    ['a loop of losses', { withoutProgress: 21 }, /21 workers in a row/],
  ] as const)('but not with %s', (_, change, reason) => {
    expect(whyLost({ ...LOSS, ...(change as Partial<Loss>) })).toMatch(reason);
  });

  test('that is the command whose stdin it read: its journal will tell', () => {
    expect(whyLost({ ...LOSS, worker: { ...WORKER, edgeOfJob: 'j' }, unfinished: [{ stage: 0 }] })).toBeUndefined();
  });

  test('that hosted no device', () => {
    expect(whyLost({ ...LOSS, sink: { kind: 'device', path: '/dev/x' }, unfinished: [{ stage: 0 }] })).toBeUndefined();
    expect(whyLost({ ...LOSS, withoutProgress: 20 })).toBeUndefined();
  });
});
