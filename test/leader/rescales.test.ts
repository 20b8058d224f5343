import { describe, expect, test } from 'vitest';
import type { RainstormError } from '../../src/base/errors.ts';
import { MAX_CHANNEL_WINDOW_BYTES, WORKER_WINDOW_BUDGET_BYTES } from '../../src/base/limits.ts';
import { Random } from '../../src/base/random.ts';
import type { Deployment, WorkerInfo } from '../../src/control/schemas.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { taskId, taskName } from '../../src/job/task-id.ts';
import type { TaskStatus } from '../../src/job/task-status.ts';
import { stageNumbered, stageTasks } from '../../src/job/topology.ts';
import { JobJournal } from '../../src/leader/job-journal.ts';
import { JobPlacing } from '../../src/leader/job-placing.ts';
import { JobStages } from '../../src/leader/job-stages.ts';
import { JobWorkers } from '../../src/leader/job-workers.ts';
import { Rescales, type RescalesOptions } from '../../src/leader/rescales.ts';
import { MemoryDisk } from '../../src/log/memory-disk.ts';
import { ManualClock } from '../base/manual-clock.ts';
import { failureOf } from '../connect/scratch.ts';
import { stagePlan } from '../task/stage-plan.ts';

const WORKER: WorkerInfo = { worker: 'w1', url: 'http://w1', data: { host: 'w1', port: 1 }, pid: 1, hostname: 'h' };

interface RigOptions {
  readonly parts?: boolean;
  readonly hasStore?: boolean;
}

/** A job under way: its leader's part, and workers that hear what they are told and do nothing. */
class Rig {
  readonly stages: JobStages;
  readonly statuses = new Map<string, TaskStatus>();
  readonly logged: string[] = [];
  readonly removed: string[] = [];
  readonly failures: unknown[] = [];
  readonly deployments: Deployment[] = [];
  readonly placing: JobPlacing;
  readonly rescales: Rescales;
  running = true;
  /** What workers are told reaches them only then. */
  answer: Promise<void> = Promise.resolve();

  private constructor(stages: readonly Partial<StagePlan>[], journal: JobJournal, { parts = false, hasStore = true }: RigOptions) {
    const plan = {
      stages: stages.map((stage, index) => stagePlan({ number: index + 1, contract: 'restart', ...stage })),
      source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C', lineBuffered: false, logTuples: 'off',
    } as const;
    this.stages = new JobStages({ plan, parts });
    const log: RescalesOptions['log'] = { text: (event, details) => void this.logged.push(`${event} ${details}`) };
    const call = async (_: unknown, body: unknown) => {
      await this.answer;
      if (body !== undefined) this.deployments.push(body as Deployment);
    };
    const workers = new JobWorkers(() => ({ call }), 1, new ManualClock());
    this.placing = new JobPlacing({
      job: 'j', deadLetters: '/', stages: this.stages, workers, log, journal, edge: undefined, statuses: this.statuses,
      prepared: { plan, source: { kind: 'stdin' }, sink: { kind: 'stdout' }, store: undefined, notes: [], remarks: [], lock: { release: () => Promise.resolve() } } as never,
      liveWorkers: () => Promise.resolve([WORKER]), ending: () => !this.running,
    });
    this.placing.place([WORKER]);
    this.rescales = new Rescales({
      job: 'j', stages: this.stages, placing: this.placing, statuses: this.statuses, log, hasStore,
      running: () => this.running,
      removeLogsOf: (tasks) => Promise.resolve(void this.removed.push(...tasks.map(taskName))),
      guard: async (action) => {
        try {
          await action();
        } catch (error) {
          this.failures.push(error);
        }
      },
    });
  }

  static async make(stages: readonly Partial<StagePlan>[] = [{ tasks: 2 }], options: RigOptions = {}): Promise<Rig> {
    const disk = new MemoryDisk({ random: new Random(1), durability: 'process', limitBytes: Infinity });
    const rig = new Rig(stages, await JobJournal.openIn(disk.connect(queueMicrotask)), options);
    for (let stage = 0; stage <= stages.length + 1; stage++) rig.say(stage, {});
    return rig;
  }

  /** What workers say of all tasks of a stage, or of one. */
  say(stage: number, what: Partial<TaskStatus>, index?: number): void {
    for (const task of stageTasks(this.stages.topology, stage)) {
      if (index !== undefined && task.index !== index) continue;
      const known = this.statuses.get(taskId(task));
      this.statuses.set(taskId(task), { ...task, attempt: 1, state: 'running', groups: [], inTuples: 0, outTuples: 0, outGeneration: 1, ...known, ...what });
    }
  }

  /** Producers go over, and those that are superseded end. */
  async carryOut(stage: number, generation: number): Promise<void> {
    this.say(stage - 1, { outGeneration: generation });
    this.say(stage, { state: 'finished' });
    await this.look();
    this.say(stage, {});
  }

  async look(): Promise<void> {
    this.rescales.look();
    await settled();
  }

  tasksOf(stage: number): number | undefined {
    return stageNumbered(this.stages.plan, stage)?.tasks;
  }

  get underWay(): number | undefined {
    return this.stages.topology.rescaling?.stage;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** How a request stands. */
function watched(request: Promise<void>): { outcome: string } {
  const watch = { outcome: 'open' };
  request.then(() => (watch.outcome = 'done'), (error: RainstormError) => (watch.outcome = error.message));
  return watch;
}

describe('a rescale', () => {
  test('tells the workers, waits until all have gone over and all that are superseded have ended, and then places the next', async () => {
    const rig = await Rig.make();
    const request = watched(rig.rescales.scale(1, 3));
    await settled();
    expect([rig.underWay, rig.deployments.at(-1)?.rescaling]).toEqual([1, { stage: 1, tasks: 3 }]);
    rig.say(0, { outGeneration: 2 });
    await rig.look();
    expect([rig.tasksOf(1), request.outcome]).toEqual([2, 'open']);
    rig.say(1, { state: 'finished' });
    await rig.look();
    expect([rig.tasksOf(1), request.outcome, rig.underWay]).toEqual([3, 'done', undefined]);
    expect(rig.deployments.at(-1)?.placement.filter(({ stage }) => stage === 1)).toEqual([0, 1, 2].map((index) => ({ stage: 1, index, worker: 'w1', attempt: 1 })));
    expect(rig.stages.rescaled).toEqual([{ stage: 1, tasks: 3, generation: 2, predecessors: 2 }]);
    expect([rig.removed, rig.failures]).toEqual([['1.1.0', '1.1.1'], []]);
  });

  test('divides the workers\' budget among the channels that there are then', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 8 }]);
    void rig.rescales.scale(1, 40);
    await settled();
    expect(rig.deployments.at(-1)?.windowBytes).toBe(MAX_CHANNEL_WINDOW_BYTES);
    await rig.carryOut(1, 2);
    expect(rig.deployments.at(-1)?.windowBytes).toBe(Math.floor(WORKER_WINDOW_BUDGET_BYTES / (40 + 40 * 8 + 8)));
  });

  test('RS2: the next are not placed while one that is superseded has not ended', async () => {
    const rig = await Rig.make();
    void rig.rescales.scale(1, 3);
    rig.say(0, { outGeneration: 2 });
    for (const state of ['running', 'draining', 'starting'] as const) {
      rig.say(1, { state: 'finished' }, 0);
      rig.say(1, { state }, 1);
      await rig.look();
      expect(rig.tasksOf(1), state).toBe(2);
    }
    rig.statuses.delete('1-1');
    await rig.look();
    expect(rig.tasksOf(1), 'one of which nothing is known').toBe(2);
  });

  test('RS2: what those before have written down is removed when the next are there', async () => {
    const rig = await Rig.make();
    void rig.rescales.scale(1, 3);
    await settled();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.answer = promise;
    await rig.carryOut(1, 2);
    expect([rig.tasksOf(1), rig.removed]).toEqual([3, []]);
    resolve();
    await settled();
    expect(rig.removed).toEqual(['1.1.0', '1.1.1']);
  });

  test('waits for each producer: one has gone over when that is durable, or has ended', async () => {
    const rig = await Rig.make([{ tasks: 3 }, { tasks: 2 }]);
    void rig.rescales.scale(2, 1);
    rig.say(2, { state: 'finished' });
    rig.say(1, { outGeneration: 2 }, 0);
    rig.say(1, { state: 'finished' }, 1);
    await rig.look();
    expect(rig.tasksOf(2)).toBe(2);
    rig.say(1, { state: 'draining', switching: true }, 2);
    await rig.look();
    expect(rig.tasksOf(2), 'one is about to go over').toBe(2);
    rig.say(1, { state: 'draining', switching: false }, 2);
    await rig.look();
    expect(rig.tasksOf(2)).toBe(1);
  });

  test('RS3: comes to nothing where all producers ended before they could go over', async () => {
    const rig = await Rig.make();
    const request = watched(rig.rescales.scale(1, 3));
    rig.say(0, { state: 'finished' });
    rig.say(1, { state: 'running' });
    await rig.look();
    expect([rig.tasksOf(1), rig.underWay, request.outcome, rig.deployments.at(-1)?.rescaling]).toEqual([2, undefined, 'done', undefined]);
    expect(rig.logged.at(-1)).toBe('RESCALE job=j stage 1: its input has ended, it does not get 3 tasks');
  });

  test('RS5: goes on under the next leader, which knows no request', async () => {
    const rig = await Rig.make();
    rig.stages.restore([], { stage: 1, tasks: 4 });
    await rig.carryOut(1, 2);
    expect([rig.tasksOf(1), rig.underWay]).toEqual([4, undefined]);
  });

  test('and what an earlier leader has carried out counts', async () => {
    const rig = await Rig.make();
    rig.stages.restore([{ stage: 1, tasks: 4, generation: 5, predecessors: 2 }], { stage: 1, tasks: 1 });
    rig.say(0, { outGeneration: 5 });
    rig.say(1, { state: 'finished' });
    await rig.look();
    expect(rig.tasksOf(1), 'nobody has gone over to the next generation').toBe(4);
    rig.say(0, { outGeneration: 6 });
    await rig.look();
    expect(rig.stages.rescaled).toEqual([{ stage: 1, tasks: 1, generation: 6, predecessors: 4 }]);
  });
});

describe('RS1: requests', () => {
  test('wait for the one that is under way, and are carried out after it', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 2 }]);
    const [first, second] = [watched(rig.rescales.scale(2, 3)), watched(rig.rescales.scale(1, 4))];
    await settled();
    expect(rig.underWay).toBe(2);
    await rig.carryOut(2, 2);
    expect([first.outcome, second.outcome, rig.underWay]).toEqual(['done', 'open', 1]);
    await rig.carryOut(1, 2);
    expect([second.outcome, rig.tasksOf(1), rig.tasksOf(2)]).toEqual(['done', 4, 3]);
  });

  test('that come while the next tasks are being placed wait, too', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 2 }]);
    const first = watched(rig.rescales.scale(2, 3));
    await settled();
    const { promise, resolve } = Promise.withResolvers<void>();
    rig.answer = promise;
    await rig.carryOut(2, 2);
    const second = watched(rig.rescales.scale(1, 4));
    await settled();
    expect([rig.tasksOf(2), rig.underWay, first.outcome]).toEqual([3, undefined, 'open']);
    resolve();
    await settled();
    expect([rig.underWay, first.outcome, second.outcome]).toEqual([1, 'done', 'open']);
  });

  test('for one stage are one: the last counts, and all who asked are told', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 2 }]);
    void rig.rescales.scale(2, 3);
    const asked = [5, 6, 4].map((tasks) => watched(rig.rescales.scale(1, tasks)));
    await settled();
    await rig.carryOut(2, 2);
    expect(rig.stages.topology.rescaling).toEqual({ stage: 1, tasks: 4 });
    await rig.carryOut(1, 2);
    expect([asked.map(({ outcome }) => outcome), rig.tasksOf(1), rig.stages.rescaled.length]).toEqual([['done', 'done', 'done'], 4, 2]);
  });

  test('for a stage that is being rescaled follow that', async () => {
    const rig = await Rig.make();
    const [first, second] = [watched(rig.rescales.scale(1, 3)), watched(rig.rescales.scale(1, 1))];
    await settled();
    await rig.carryOut(1, 2);
    expect([first.outcome, second.outcome, rig.stages.topology.rescaling]).toEqual(['done', 'open', { stage: 1, tasks: 1 }]);
  });

  test('for what the stage has already are done', async () => {
    const rig = await Rig.make();
    await rig.rescales.scale(1, 2);
    expect([rig.underWay, rig.logged]).toEqual([undefined, []]);
  });

  test('that come when the job is ending are done at once, also while a stage is being rescaled', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 2 }]);
    const before = watched(rig.rescales.scale(1, 3));
    rig.running = false;
    rig.rescales.end();
    const after = watched(rig.rescales.scale(2, 3));
    await settled();
    expect([before.outcome, after.outcome, rig.tasksOf(2)]).toEqual(['done', 'done', 2]);
  });

  test('are done with the job', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 2 }]);
    const asked = [rig.rescales.scale(2, 3), rig.rescales.scale(1, 3)].map(watched);
    rig.rescales.end();
    await settled();
    expect(asked.map(({ outcome }) => outcome)).toEqual(['done', 'done']);
  });
});

describe('RS4: a stage whose contract is replay', () => {
  const REPLAY = [{ tasks: 2, contract: 'replay' }] as const;

  test('stands still first, and only then anybody goes over', async () => {
    const rig = await Rig.make(REPLAY);
    const request = watched(rig.rescales.scale(1, 3));
    await settled();
    expect(rig.deployments.at(-1)?.rescaling).toEqual({ stage: 1, tasks: 3, freezing: true });
    rig.say(1, { frozen: true }, 0);
    await rig.look();
    expect(rig.deployments.at(-1)?.rescaling, 'one does not stand still').toEqual({ stage: 1, tasks: 3, freezing: true });
    rig.say(1, { frozen: true }, 1);
    await rig.look();
    expect(rig.deployments.at(-1)?.rescaling).toEqual({ stage: 1, tasks: 3 });
    await rig.carryOut(1, 2);
    expect([rig.tasksOf(1), request.outcome]).toEqual([3, 'done']);
  });

  test('keeps its tasks where one has put something out, and goes on with what was asked for meanwhile', async () => {
    const rig = await Rig.make([...REPLAY, { tasks: 1 }]);
    const [first, second] = [watched(rig.rescales.scale(1, 3)), watched(rig.rescales.scale(2, 3))];
    await settled();
    rig.say(1, { frozen: true }, 0);
    rig.say(1, { frozen: false }, 1);
    await rig.look();
    expect(first.outcome).toBe('stage 1 (tested) cannot have another number of tasks: its contract is replay, and it has put something out already');
    expect([rig.tasksOf(1), second.outcome, rig.stages.topology.rescaling]).toEqual([2, 'open', { stage: 2, tasks: 3 }]);
  });

  test('keeps its tasks where one has ended meanwhile', async () => {
    const rig = await Rig.make(REPLAY);
    const request = watched(rig.rescales.scale(1, 3));
    await settled();
    rig.say(1, { frozen: true }, 0);
    rig.say(1, { state: 'draining' }, 1);
    await rig.look();
    expect([request.outcome, rig.underWay]).toEqual([expect.stringContaining('has put something out already'), undefined]);
  });
});

describe('a request is refused at once, with the reason,', () => {
  const reasonOf = async (rig: Rig, stage: number, tasks: number) => {
    const failure = await failureOf(() => rig.rescales.scale(stage, tasks));
    expect([failure.code, rig.underWay]).toEqual(['NOT_SCALABLE', undefined]);
    return failure.message;
  };

  test('where nothing is written down', async () => {
    expect(await reasonOf(await Rig.make([{}], { hasStore: false }), 1, 3)).toContain('the job keeps no journals');
  });

  test('where tuples are left out', async () => {
    expect(await reasonOf(await Rig.make([{ onPoison: 'deadletter' }]), 1, 3)).toContain('it leaves out tuples that its operator dies of');
  });

  test('for the last stage, where each of its tasks writes a file, and for no other', async () => {
    const rig = await Rig.make([{}, {}], { parts: true });
    expect(await reasonOf(rig, 2, 3)).toContain('each of its tasks writes a file of its own');
    void rig.rescales.scale(1, 3);
    expect(rig.underWay).toBe(1);
  });

  test.each(['draining', 'finished'] as const)('where one of its tasks is %s', async (state) => {
    const rig = await Rig.make();
    rig.say(1, { state }, 1);
    expect(await reasonOf(rig, 1, 3)).toContain('it is at the end of its input');
  });

  test('but is done without a word where its stage has come to its end while it waited', async () => {
    const rig = await Rig.make([{ tasks: 2 }, { tasks: 2 }]);
    const request = watched(Promise.all([rig.rescales.scale(2, 3), rig.rescales.scale(1, 3)]).then(() => undefined));
    rig.say(1, { state: 'finished' }, 0);
    await rig.carryOut(2, 2);
    expect([request.outcome, rig.tasksOf(1)]).toEqual(['done', 2]);
  });
});
