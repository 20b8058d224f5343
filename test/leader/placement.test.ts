import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeTasks } from '../../src/leader/placement.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { taskId } from '../../src/job/task-id.ts';
import { allTasks, type Topology } from '../../src/job/topology.ts';

function topologyOf(tasks: readonly number[], parts = false): Topology {
  const stages = tasks.map((count, index): StagePlan => ({
    number: index + 1, name: 'cat', program: { kind: 'chain', commands: [['cat']] }, tasks: count,
    inputFormat: 'lines', partitioning: { kind: 'spread' }, contract: 'replay', contractDeclared: true, outputFormat: 'lines', okExit: [], env: {}, cwd: '/',
  }));
  const source = { format: 'lines', header: false } as const;
  return { parts, plan: { stages, source, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C', lineBuffered: false, logTuples: 'off' } };
}

function placed(topology: Topology, workers: readonly string[], edge?: { worker: string; source: boolean; sink: boolean }): Map<string, string> {
  return new Map(placeTasks({ topology, workers, edge }).map((place) => [taskId(place), place.worker]));
}

describe('placement', () => {
  test('puts every task on one worker, and operators on workers evenly', () => {
    const stages = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(stages, fc.integer({ min: 1, max: 5 }), fc.boolean(), (tasks, count, parts) => {
      const workers = Array.from({ length: count }, (_, index) => `w${index}`);
      const topology = topologyOf(tasks, parts);
      const places = placed(topology, workers);
      expect([...places.keys()].toSorted()).toEqual(allTasks(topology).map(taskId).toSorted());
      const operators = [...places].filter(([task]) => !task.startsWith('0-') && !task.startsWith(`${tasks.length + 1}-`));
      const loads = workers.map((worker) => operators.filter(([, name]) => name === worker).length);
      expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
    }));
  });

  test('takes a worker that hosts a neighbour where it costs nothing', () => {
    const places = placed(topologyOf([2, 2]), ['a', 'b']);
    expect(Object.fromEntries(places)).toEqual({ '0-0': 'a', '1-0': 'a', '1-1': 'b', '2-0': 'a', '2-1': 'b', '3-0': 'a' });
  });

  test('puts each part file beside the task that fills it', () => {
    const places = placed(topologyOf([3], true), ['a', 'b']);
    for (const index of [0, 1, 2]) expect(places.get(`2-${index}`)).toBe(places.get(`1-${index}`));
  });

  test('leaves stdin and stdout to the process that has them', () => {
    const edge = { worker: 'edge', source: true, sink: false };
    const places = placed(topologyOf([1]), ['a'], edge);
    expect([places.get('0-0'), places.get('1-0'), places.get('2-0')]).toEqual(['edge', 'a', 'a']);
  });
});
