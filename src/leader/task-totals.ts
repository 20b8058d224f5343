/**
 * What has gone through each task of a job since it began, in all its attempts and generations. Never goes down.
 *
 * TT1 A task counts its tuples by their places in its input and output, so a later attempt of the same generation says again
 *     what an earlier one has said: of those the greatest counts.
 * TT2 A generation begins at nothing: what the one before has said is added.
 * TT3 Known is what was reported to this leader: what another led, or what happened after a task's last report, is missing.
 */
import { taskId } from '../job/task-id.ts';
import type { TaskStatus } from '../job/task-status.ts';

export interface TaskTotal {
  readonly inTuples: number;
  readonly outTuples: number;
  readonly skippedTuples: number;
  /** Attempts after the first of each generation. */
  readonly restarts: number;
}

interface Account {
  readonly generation: number;
  /** Of the generations before. */
  readonly before: TaskTotal;
  readonly present: TaskTotal;
}

const NOTHING: TaskTotal = { inTuples: 0, outTuples: 0, skippedTuples: 0, restarts: 0 };

export class TaskTotals {
  /** By task: there are as many as the widest generation of each stage has had. */
  readonly #accounts = new Map<string, Account>();

  update(status: TaskStatus): void {
    const { generation, inTuples, outTuples, skippedTuples = 0, attempt } = status;
    const said = { inTuples, outTuples, skippedTuples, restarts: attempt - 1 };
    const id = taskId(status);
    const account = this.#accounts.get(id);
    if (account !== undefined && generation < account.generation) return;
    if (account?.generation === generation) this.#accounts.set(id, { ...account, present: combine(account.present, said, Math.max) });
    else this.#accounts.set(id, { generation, before: account === undefined ? NOTHING : total(account), present: said });
  }

  /** Of a task. */
  of(task: { readonly stage: number; readonly index: number }): TaskTotal {
    const account = this.#accounts.get(taskId(task));
    return account === undefined ? NOTHING : total(account);
  }

  /** Of all tasks that a stage has had, those too that it has no more. */
  ofStage(stage: number): TaskTotal {
    const prefix = `${stage}-`;
    return [...this.#accounts].filter(([id]) => id.startsWith(prefix)).reduce((sum, [, account]) => combine(sum, total(account), add), NOTHING);
  }
}

function total({ before, present }: Account): TaskTotal {
  return combine(before, present, add);
}

function add(a: number, b: number): number {
  return a + b;
}

function combine(a: TaskTotal, b: TaskTotal, by: (a: number, b: number) => number): TaskTotal {
  return {
    inTuples: by(a.inTuples, b.inTuples),
    outTuples: by(a.outTuples, b.outTuples),
    skippedTuples: by(a.skippedTuples, b.skippedTuples),
    restarts: by(a.restarts, b.restarts),
  };
}
