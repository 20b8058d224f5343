/** What a simulated job looks like: lines of text through stages of small programs. */
import type { CheckpointEvery, Contract, ContractSettings } from '../../src/job/contract.ts';
import type { JobPlan, Partitioning, StagePlan } from '../../src/job/plan.ts';
import type { Submitted } from '../../src/leader/job-journal.ts';
import type { Durability } from '../../src/log/log.ts';
import type { Frailty, ProgramKind } from './programs.ts';

export const JOB = 'simulated';

export interface StageShape {
  readonly program: ProgramKind;
  readonly tasks: number;
  readonly keyed: boolean;
  readonly contract: Contract;
  readonly checkpointEvery: CheckpointEvery | undefined;
  readonly release: ContractSettings['release'];
  readonly frailty: Frailty;
}

export interface Shape {
  readonly lines: readonly string[];
  readonly stages: readonly StageShape[];
  readonly windowBytes: number;
  readonly workers: number;
  readonly durability: Durability;
  /** What was read of the source cannot be read again. */
  readonly readOnce: boolean;
  /** How often some stage gets another number of tasks. */
  readonly rescales: number;
}

export function linesOf(bytes: Buffer): string[] {
  const lines = bytes.toString('latin1').split('\n');
  lines.pop();
  return lines;
}

/** A job of lines, with nothing in it but what the shape says. */
export function planOf(shape: Shape): JobPlan {
  const stages = shape.stages.map(({ program, tasks, keyed, contract, checkpointEvery, release, frailty }, index): StagePlan => ({
    number: index + 1,
    name: program,
    program: { kind: 'chain', commands: [['simulated']] },
    tasks,
    inputFormat: 'lines',
    partitioning: (keyed ? { kind: 'column', column: 1 } : { kind: 'spread' }) satisfies Partitioning,
    outputFormat: 'lines',
    okExit: [],
    env: {},
    cwd: '/',
    contract,
    contractDeclared: true,
    checkpointEvery,
    release,
    onPoison: frailty === 'none' ? 'fail' : 'deadletter',
  }));
  return {
    stages,
    source: { format: 'lines', header: false },
    sink: { format: 'lines' },
    maxTupleBytes: 1 << 20,
    locale: 'C',
    lineBuffered: false,
    logTuples: 'off',
  };
}

/** What the leader's journal says the job is. */
export function submittedOf(shape: Shape): Submitted & { readonly sink: { readonly path: string } } {
  const spec = {
    stages: [], sources: ['in'], dest: 'out', header: false, outputHeader: true, overwrite: false, maxTupleBytes: 1 << 20, locale: 'C',
    lineBuffered: false, fuse: false, logTuples: 'off', delivery: 'exactly-once', durability: shape.durability, storeLimitBytes: 1, cwd: '/',
  } as const;
  return {
    kind: 'submitted',
    submission: { job: JOB, spec: { ...spec, stages: [], sources: ['in'] }, workers: shape.workers },
    startedAt: new Date(0).toISOString(),
    plan: planOf(shape) as Submitted['plan'],
    source: { kind: 'files', files: [{ path: 'in', bytes: 0, gzip: false }] },
    sink: { kind: 'file', path: 'out' },
    store: { folder: 'simulated', identity: 'simulated', durability: shape.durability, limitBytes: 1 },
    notes: [],
    remarks: [],
  };
}
