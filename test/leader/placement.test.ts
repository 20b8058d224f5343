import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeStage, placeTasks, replaceTasks, type Place } from '../../src/leader/placement.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { taskId } from '../../src/job/task-id.ts';
import { allTasks, producersOf, sinkStage, type Topology } from '../../src/job/topology.ts';

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

describe('placement of a stage that gets another number of tasks', () => {
  const cases = fc.record({
    tasks: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    workers: fc.integer({ min: 1, max: 4 }),
    /** Which of the stages, and how many tasks it gets. */
    which: fc.nat(),
    next: fc.integer({ min: 1, max: 9 }),
  });

  test('leaves all others where they are, and puts its tasks where the fewest are, as first attempts', () => {
    fc.assert(fc.property(cases, ({ tasks, workers, which, next }) => {
      const names = Array.from({ length: workers }, (_, index) => `w${index}`);
      const before = placeTasks({ topology: topologyOf(tasks), workers: names }).map((place) => ({ ...place, attempt: place.attempt + 3 }));
      const stage = 1 + (which % tasks.length);
      const topology = topologyOf(tasks.with(stage - 1, next));
      const after = placeStage({ topology, workers: names, places: before, stage });
      const isOther = (place: Place) => place.stage !== stage;
      expect(after.filter(isOther)).toEqual(before.filter(isOther));
      const own = after.filter((place) => !isOther(place));
      expect(own.map(({ index, attempt }) => [index, attempt])).toEqual(Array.from({ length: next }, (_, index) => [index, 1]));
      const load = new Map(names.map((name) => [name, before.filter((place) => isOther(place) && place.stage > 0 && place.stage < sinkStage(topology) && place.worker === name).length]));
      for (const { worker } of own) {
        expect(load.get(worker)).toBe(Math.min(...load.values()));
        load.set(worker, (load.get(worker) ?? 0) + 1);
      }
    }));
  });

  test('takes workers that live', () => {
    const places = placeTasks({ topology: topologyOf([3]), workers: ['a', 'b'] });
    const again = placeStage({ topology: topologyOf([2]), workers: ['c', 'd'], places, stage: 1 });
    expect(again.filter(({ stage }) => stage === 1).map(({ worker }) => worker)).toEqual(['c', 'd']);
  });

  test('prefers a worker that hosts a task before, where that costs nothing', () => {
    const places = placeTasks({ topology: topologyOf([1, 1]), workers: ['a'] }).map((place) => (place.stage === 1 ? { ...place, worker: 'c' } : place));
    const again = placeStage({ topology: topologyOf([1, 3]), workers: ['b', 'c', 'd'], places, stage: 2 });
    expect(again.filter(({ stage }) => stage === 2).map(({ worker }) => worker)).toEqual(['b', 'd', 'c']);
  });
});

describe('placement after workers were lost', () => {
  const cases = fc.record({
    tasks: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    parts: fc.boolean(),
    workers: fc.integer({ min: 1, max: 4 }),
    lost: fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1 }),
    /** Of each task, whether it has finished; a task cannot have before those that it reads from, unless it had enough. */
    finished: fc.infiniteStream(fc.boolean()),
  });

  test('moves what was lost, and that alone, to workers that live, under a greater attempt', () => {
    fc.assert(fc.property(cases, (input) => {
      const { topology, places, lost, live, finished, after } = replace(input);
      for (const place of places) {
        const now = after.get(taskId(place));
        if (!lost.has(place.worker)) expect(now).toEqual(place);
        else if (now !== undefined) expect(now).toMatchObject({ worker: expect.toSatisfy((worker: string) => live.includes(worker)), attempt: place.attempt + 1 });
        else expect(finished(taskId(place)), 'only what has finished is left out').toBe(true);
      }
      for (const task of allTasks(topology)) if (task.stage === sinkStage(topology)) expect(after.has(taskId(task))).toBe(true);
    }));
  });

  test('leaves no task out that one before it may still write to', () => {
    fc.assert(fc.property(cases, (input) => {
      const { topology, finished, after } = replace(input);
      for (const task of allTasks(topology)) {
        if (after.has(taskId(task))) continue;
        for (const producer of producersOf(topology, task)) expect(!after.has(taskId(producer)) || finished(taskId(producer))).toBe(true);
      }
    }));
  });

  test('what was left out comes back, under a greater attempt, with a task before it that nobody knows to have finished', () => {
    const topology = topologyOf([2]);
    const places = placeTasks({ topology, workers: ['a'] }).filter((place) => taskId(place) !== '1-1');
    const lastAttempt = (place: Place) => (taskId(place) === '1-1' ? 3 : place.attempt);
    const again = replaceTasks({ topology, places, workers: ['b'], stays: (place) => taskId(place) !== '0-0', finished: (task) => task === '1-1', lastAttempt });
    expect(Object.fromEntries(again.map((place) => [taskId(place), place.attempt]))).toEqual({ '0-0': 2, '1-0': 1, '1-1': 4, '2-0': 1 });
  });

  test('what was left out once stays out', () => {
    const topology = topologyOf([1, 1]);
    const first = placeTasks({ topology, workers: ['a', 'b'] });
    const again = (places: readonly Place[], gone: string, live: string) => replaceTasks({
      topology, places, workers: [live], stays: (place) => place.worker !== gone, finished: (task) => task.startsWith('0') || task.startsWith('1'), lastAttempt: (place) => place.attempt,
    });
    const second = again(first, 'a', 'b');
    expect(second.map(taskId)).toEqual(['2-0', '3-0']);
    expect(again(second, 'b', 'c').map((place) => `${taskId(place)} ${place.worker} ${place.attempt}`)).toEqual(['2-0 c 2', '3-0 c 2']);
  });
});

function replace({ tasks, parts, workers, lost, finished }: { tasks: number[]; parts: boolean; workers: number; lost: number[]; finished: Iterable<boolean> }) {
  const topology = topologyOf(tasks, parts);
  const names = Array.from({ length: workers }, (_, index) => `w${index}`);
  const places = placeTasks({ topology, workers: names });
  const gone = new Set(lost.map((index) => `w${index}`));
  const left = names.filter((name) => !gone.has(name));
  const live = left.length > 0 ? left : ['new'];
  const flags = finished[Symbol.iterator]();
  const done = new Set(allTasks(topology).filter(() => flags.next().value === true).map(taskId));
  const isFinished = (task: string) => done.has(task);
  const after = new Map(replaceTasks({
    topology, places, workers: live, stays: (place) => !gone.has(place.worker), finished: isFinished, lastAttempt: (place) => place.attempt,
  }).map((place) => [taskId(place), place]));
  return { topology, places, lost: gone, live, finished: isFinished, after };
}
