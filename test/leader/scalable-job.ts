/** A running job of a source and these stages, whose numbers of tasks are changed, or not, as the test says. */
import type { RainstormError } from '../../src/base/errors.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import type { JobAutoscale } from '../../src/job/scale-policy.ts';
import type { TaskStatus } from '../../src/job/task-status.ts';
import { taskId } from '../../src/job/task-id.ts';
import { allTasks, isOperatorTask, type Topology } from '../../src/job/topology.ts';
import type { AutoscaledJob } from '../../src/leader/autoscaler.ts';
import { JobScaling } from '../../src/leader/job-scaling.ts';
import type { TaskRate } from '../../src/leader/rates.ts';
import { ManualClock } from '../base/manual-clock.ts';
import { stagePlan } from '../task/stage-plan.ts';

interface Asked {
  readonly stage: number;
  readonly tasks: number;
  done(): void;
  refuse(error: RainstormError): void;
}

export class ScalableTestJob implements AutoscaledJob {
  readonly job = 'j';
  readonly state = 'running';
  readonly scaling = new JobScaling();
  readonly logged: string[] = [];
  readonly clock = new ManualClock();
  readonly options = { log: { text: (event: string, details: string) => void this.logged.push(`${event} ${details}`) }, clock: this.clock };
  /** What was asked for and has not ended. */
  readonly asked: Asked[] = [];
  /** Tuples/s that each stage is fed. */
  rate = 100;
  endedAt: Date | undefined;
  topology: Topology;

  constructor(stages: readonly Partial<StagePlan>[], autoscale?: JobAutoscale) {
    const plan = {
      stages: stages.map((stage, index) => stagePlan({ number: index + 1, ...stage })),
      source: { format: 'lines', header: false }, sink: { format: 'lines' }, maxTupleBytes: 1024, locale: 'C', lineBuffered: false, logTuples: 'off', autoscale,
    } as const;
    this.topology = { plan, parts: false };
  }

  get statuses(): ReadonlyMap<string, TaskStatus> {
    return new Map(allTasks(this.topology).map((task) => [taskId(task), {
      ...task, attempt: 1, state: 'running', groups: isOperatorTask(task, this.topology) ? [{ pid: 5 }] : [], inTuples: 0, outTuples: 0,
    }]));
  }

  get rates(): AutoscaledJob['rates'] {
    return { latest: ({ stage }): TaskRate => {
      const tasks = this.topology.plan.stages.find(({ number }) => number === stage)?.tasks ?? 1;
      return { inRate: this.rate / tasks, outRate: this.rate / tasks, busyShare: 0.1, blockedShare: 0, backlogBytes: 0 };
    } };
  }

  scale(stage: number, tasks: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const forget = () => void this.asked.splice(this.asked.findIndex((one) => one.stage === stage), 1);
    this.asked.push({
      stage, tasks,
      done: () => {
        const { plan } = this.topology;
        this.topology = { ...this.topology, plan: { ...plan, stages: plan.stages.map((one) => (one.number === stage ? { ...one, tasks } : one)) } };
        forget();
        resolve();
      },
      refuse: (error) => {
        forget();
        reject(error);
      },
    });
    return promise;
  }
}
