/**
 * One copy of a stage's operator between its channels.
 *
 * T1 The operator is fed in the order of acceptance, and sees the end of input when every producer has ended.
 * T2 The end of its output goes on only after every process exited with an allowed status and stdout was read to its end;
 *    a last line without newline counts only then.
 * T3 An operator that exits with status 0 before its input ended, by no signal of ours, has finished (`head -n 10`):
 *    producers are told to stop, and what is on its way is dropped.
 * T4 Where all consumers have finished, the operator's pipes are closed, as in a shell, and how it ends does not matter.
 */
import { RainstormError, messageOf } from '../base/errors.ts';
import { BlockSplitter } from '../job/block-splitter.ts';
import type { Block } from '../job/block.ts';
import type { StagePlan } from '../job/plan.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import type { TaskFailure, TaskState, TaskStatus } from '../job/task-status.ts';
import type { ChannelReceiver, ReceiverEvents } from '../wire/channel-receiver.ts';
import type { SenderEvents } from '../wire/channel-sender.ts';
import { describeExit, failureOf, isEarlyFailure, type MemberExit } from './exit-verdict.ts';
import { InputOrder } from './input-order.ts';
import type { LocalLog } from './local-log.ts';
import type { Member } from './operator-command.ts';
import { OperatorProcess, type OperatorProcessEvents } from './operator-process.ts';
import type { Router } from './router.ts';
import { StderrTail } from './stderr-tail.ts';
import { failureFrom, type Task } from './task.ts';

/** How long an operator whose output nobody wants may take to notice its closed pipes before it is killed. */
const UNWANTED_GRACE_MS = 2_000;

export interface OperatorTaskOptions {
  readonly ref: TaskRef;
  readonly stage: StagePlan;
  readonly members: readonly Member[];
  readonly env: Readonly<Record<string, string>>;
  readonly maxTupleBytes: number;
  readonly log: LocalLog;
  /** The channels that end here and begin here; made after the task, since they report to it. */
  readonly receivers: () => readonly ChannelReceiver[];
  readonly producers: number;
  readonly router: () => Router;
  /** Its state changed. */
  readonly changed: () => void;
}

export class OperatorTask implements Task {
  readonly ref: TaskRef;
  readonly input: ReceiverEvents;
  readonly output: SenderEvents;
  readonly #options: OperatorTaskOptions;
  readonly #order: InputOrder;
  readonly #splitter: BlockSplitter;
  readonly #stderr: StderrTail;
  readonly #gone = Promise.withResolvers<void>();
  #process: OperatorProcess | undefined;
  #state: TaskState = 'starting';
  #failure: TaskFailure | undefined;
  #inputOpen = true;
  #discarding = false;
  #stdinFull = false;
  #outputPaused = false;
  #inTuples = 0;

  constructor(options: OperatorTaskOptions) {
    this.#options = options;
    this.ref = options.ref;
    this.#order = new InputOrder(options.producers);
    this.#splitter = new BlockSplitter({ format: options.stage.outputFormat, maxTupleBytes: options.maxTupleBytes, where: `the output of ${this.#title}` });
    this.#stderr = new StderrTail((line) => options.log.stderr(Buffer.from(line)));
    this.input = {
      accepted: (receiver, _first, count, bytes) => this.#accept(receiver, count, bytes),
      rejected: (receiver, first, count) => options.log.event('REJECTED', `channel=${receiver.name} first=${first} tuples=${count}`),
      ended: (receiver) => {
        this.#order.end(receiver.name);
        this.#feed();
      },
    };
    this.output = { acked: () => this.#roomDownstream(), done: () => this.#outputDone(), stopped: () => this.#consumerStopped() };
  }

  async start(): Promise<void> {
    const { members, env, stage, log } = this.#options;
    const process = await OperatorProcess.start({ members, env, cwd: stage.cwd }, this.#processEvents());
    this.#process = process;
    const pids = process.groups.map((group) => group.pid).join(',');
    log.event('START', `attempt=1 pid=${pids} command=${JSON.stringify(members.map((member) => member.shown))}`);
    if (this.#state !== 'starting') return process.kill();
    this.#setState('running');
    this.#feed();
  }

  status(): TaskStatus {
    return {
      ...this.ref,
      attempt: 1,
      state: this.#state,
      groups: this.#state === 'running' ? (this.#process?.groups ?? []) : [],
      inTuples: this.#inTuples,
      outTuples: this.#options.router().tuples,
      sourceDoneBytes: undefined,
      sourceTotalBytes: undefined,
      failure: this.#failure,
    };
  }

  /** Kills the operator as a fault would, for demonstrations and tests. Gives false when it is not running. */
  killOperator(): boolean {
    if (this.#state !== 'running' || this.#process === undefined) return false;
    this.#options.log.event('KILLED', 'SIGKILL on request');
    this.#process.signal('SIGKILL');
    return true;
  }

  async stop(): Promise<void> {
    if (this.#state === 'starting' || this.#state === 'running' || this.#state === 'draining') this.#setState('stopped');
    if (this.#process === undefined) return;
    this.#process.kill();
    await this.#gone.promise;
  }

  get #title(): string {
    return `stage ${this.ref.stage} (${this.#options.stage.name}), task ${taskId(this.ref)}`;
  }

  #processEvents(): OperatorProcessEvents {
    return {
      stdout: (chunk) => this.#guard(() => this.#route(this.#splitter.push(chunk))),
      stdoutEnd: () => undefined,
      stderr: (chunk) => this.#stderr.push(chunk),
      drain: () => {
        this.#stdinFull = false;
        this.#feed();
      },
      stdinClosed: () => {
        this.#options.log.event('NOTE', 'the operator closed its stdin; the rest of its input is dropped');
        this.#discard();
      },
      exited: (exits) => void this.#exited(exits),
    };
  }

  #accept(receiver: ChannelReceiver, count: number, bytes: Buffer): void {
    this.#inTuples += count;
    if (this.#discarding) return receiver.fed(bytes.length);
    this.#order.accept({ receiver, count, bytes });
    this.#feed();
  }

  /** T1 */
  #feed(): void {
    const process = this.#process;
    if (process === undefined || this.#state !== 'running' || this.#discarding) return;
    while (!this.#stdinFull) {
      const frame = this.#order.take();
      if (frame === undefined) break;
      this.#stdinFull = !process.write(frame.bytes, () => frame.receiver.fed(frame.bytes.length));
    }
    if (this.#inputOpen && this.#order.ended) {
      this.#inputOpen = false;
      process.endInput();
    }
  }

  #route(block: Block | undefined): void {
    if (block === undefined || this.#state !== 'running' || this.#process?.killed === true) return;
    const router = this.#options.router();
    this.#options.log.output(block, router.tuples);
    router.route(block);
    if (!router.full) return;
    this.#outputPaused = true;
    this.#process?.pauseOutput();
  }

  #roomDownstream(): void {
    const router = this.#options.router();
    router.flushIdle();
    if (!this.#outputPaused || router.full) return;
    this.#outputPaused = false;
    this.#process?.resumeOutput();
  }

  /** T2, T3 */
  async #exited(exits: readonly MemberExit[]): Promise<void> {
    await this.#stderr.end();
    this.#options.log.event('EXIT', exits.map(describeExit).join('; '));
    this.#discard();
    if (this.#state === 'running') this.#guard(() => this.#conclude(exits));
    this.#gone.resolve();
  }

  #conclude(exits: readonly MemberExit[]): void {
    const router = this.#options.router();
    if (!router.unwanted) {
      const failed = failureOf(exits) ?? (this.#inputOpen ? isEarlyFailure(exits) : undefined);
      if (failed !== undefined) return this.#fail(this.#exitError(failed));
      if (this.#inputOpen) this.#options.log.event('NOTE', 'the operator had enough before its input ended');
    }
    this.#route(this.#splitter.end());
    this.#setState('draining');
    this.#stopProducers();
    router.finish();
  }

  #exitError(exit: MemberExit): RainstormError {
    if (exit.spawnError !== undefined) {
      return new RainstormError('OPERATOR_FAILED', `${this.#title}: \`${exit.command}\` ${describeExit(exit)}`);
    }
    const early = this.#inputOpen && exit.signal === undefined ? ' before its input ended' : '';
    return new RainstormError('OPERATOR_FAILED', `${this.#title}: \`${exit.command}\` ${describeExit(exit)}${early}`, {
      ...(exit.status === undefined ? {} : { hint: `If that status is no failure, allow it: --ok-exit ${this.ref.stage}=${exit.status}` }),
    });
  }

  #outputDone(): void {
    if (this.#state !== 'draining' || !this.#options.router().done) return;
    this.#options.log.event('END', `in=${this.#inTuples} out=${this.#options.router().tuples}`);
    this.#setState('finished');
  }

  /** T4 */
  #consumerStopped(): void {
    const process = this.#process;
    if (this.#state !== 'running' || process === undefined || !this.#options.router().unwanted) return;
    this.#options.log.event('NOTE', 'no consumer wants more; the operator is let go');
    this.#discard();
    this.#stopProducers();
    process.letGo();
    const timer = setTimeout(() => process.kill(), UNWANTED_GRACE_MS);
    void this.#gone.promise.then(() => clearTimeout(timer));
  }

  /** Drops what waits and what will still come. Producers go on, since the operator may yet turn out to have failed. */
  #discard(): void {
    this.#discarding = true;
    for (let frame = this.#order.take(); frame !== undefined; frame = this.#order.take()) frame.receiver.fed(frame.bytes.length);
  }

  #stopProducers(): void {
    for (const receiver of this.#options.receivers()) receiver.stop();
  }

  /** Data errors end the task; anything else is a bug and ends the worker. */
  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof RainstormError)) throw error;
      this.#fail(error);
    }
  }

  #fail(error: RainstormError): void {
    if (this.#state === 'failed' || this.#state === 'stopped') return;
    this.#failure = failureFrom(error, this.#stderr.last);
    this.#options.log.event('FAILED', messageOf(error));
    this.#setState('failed');
    this.#process?.kill();
  }

  #setState(state: TaskState): void {
    this.#state = state;
    this.#options.changed();
  }
}
