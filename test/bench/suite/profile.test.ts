import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { operatorOf, parseProfile, selfTimes, type Profile } from '../../../bench/suite/profile.ts';

function node(id: number, functionName: string, url = '', lineNumber = -1): Profile['nodes'][number] {
  return { id, callFrame: { functionName, url, lineNumber } };
}

const PROFILE: Profile = {
  nodes: [node(1, '(root)'), node(2, 'push', 'file:///clone/dist/operators/filter.js', 9), node(3, '(idle)'), node(4, 'push', 'file:///clone/dist/operators/filter.js', 9), node(5, '', 'node:fs', 0)],
  samples: [2, 3, 4, 5],
  timeDeltas: [1000, 5000, 2000, 500],
};

test('the time of a function is summed over all stacks that it is on top of', () => {
  expect(selfTimes(PROFILE)).toEqual([{ place: '(idle)', ms: 5 }, { place: 'push filter.js:10', ms: 3 }, { place: '(anonymous) node:fs:1', ms: 0.5 }]);
});

test('a profile says which operator it is of, if any', () => {
  expect(operatorOf(PROFILE)).toBe('filter');
  expect(operatorOf({ ...PROFILE, nodes: [node(1, 'run', 'file:///clone/dist/src/cli/main.js', 1)] })).toBeUndefined();
});

test('a sample of an unknown function is an error', () => {
  expect(() => selfTimes({ ...PROFILE, samples: [7] })).toThrow('sample 0 is of node 7');
});

test('what Node writes is a profile, and a busy function leads it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rainstorm-profile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const busy = 'function spin(until) { while (performance.now() < until); } spin(performance.now() + 500)';
  const { status, stderr } = spawnSync(process.execPath, ['--cpu-prof', '--cpu-prof-name=one.cpuprofile', '-e', busy], { cwd: folder, encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  const times = selfTimes(parseProfile(readFileSync(join(folder, 'one.cpuprofile'), 'utf8')));
  expect(times[0]?.ms).toBeGreaterThan(100);
  expect(times.slice(0, 3).some(({ place }) => place.startsWith('spin') || place === 'now')).toBe(true);
});
