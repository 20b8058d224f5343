import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { systemClock } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import { openSink } from '../connect/open-sink.ts';
import { openSource } from '../connect/open-source.ts';
import type { StdinSource } from '../connect/stdin-source.ts';
import type { Deployment } from '../control/schemas.ts';
import type { StagePlan } from '../job/plan.ts';
import { sinkStage, stageNumbered, type Topology } from '../job/topology.ts';
import { taskId, type TaskRef } from '../job/task-id.ts';
import { findCommand } from '../task/find-command.ts';
import type { LocalLog } from '../task/local-log.ts';
import { operatorMembers } from '../task/operator-command.ts';
import { operatorEnvironment } from '../task/operator-environment.ts';
import { OperatorProcess } from '../task/operator-process.ts';
import { OperatorTask } from '../task/operator-task.ts';
import { DeadLetterFile } from '../task/dead-letter-file.ts';
import { SEARCH_MS } from '../task/poison.ts';
import type { Producers } from '../task/input-order.ts';
import type { Lanes } from '../task/lanes.ts';
import { SinkTask } from '../task/sink-task.ts';
import { SourceTask } from '../task/source-task.ts';
import type { ChannelReceiver } from '../wire/channel-receiver.ts';
import type { TaskMemory } from './task-memory.ts';

/** The user's own streams, in the process that has them. */
export interface UserStreams {
  readonly stdin: StdinSource | undefined;
  readonly stdout: Writable | undefined;
}

export const NO_STREAMS: UserStreams = { stdin: undefined, stdout: undefined };

export type HostedTask = SourceTask | OperatorTask | SinkTask;

/** What a task gets from the worker that hosts it. */
export interface TaskSurroundings {
  readonly deployment: Deployment;
  readonly topology: Topology;
  readonly streams: UserStreams;
  readonly log: LocalLog;
  readonly attempt: number;
  readonly memory: TaskMemory;
  readonly lanes: Lanes;
  readonly receivers: () => readonly ChannelReceiver[];
  readonly producers: () => Producers;
  readonly changed: () => void;
}

/** Makes a task, not started yet. */
export function makeTask(ref: TaskRef, around: TaskSurroundings): HostedTask {
  if (ref.stage === 0) return makeSource(ref, around);
  if (ref.stage === sinkStage(around.topology)) return makeSink(ref, around);
  return makeOperator(ref, around);
}

function makeSource(ref: TaskRef, around: TaskSurroundings): SourceTask {
  const { plan, source } = around.deployment;
  const reading = { format: plan.source.format, header: plan.source.header, rate: plan.source.rate, maxTupleBytes: plan.maxTupleBytes, ranges: plan.stages[0]?.readsFiles !== undefined };
  const memory = around.memory.kind === 'source' ? around.memory : undefined;
  return new SourceTask({
    ref,
    source: openSource({ ...source, ...reading }, { clock: systemClock, stdin: around.streams.stdin, from: memory?.recovered?.source, journal: memory?.journal }),
    attempt: around.attempt,
    checkpoints: memory?.checkpoints,
    journal: memory?.journal,
    recovered: memory?.recovered,
    lanes: around.lanes,
    clock: systemClock,
    log: around.log,
    changed: around.changed,
  });
}

function makeSink(ref: TaskRef, around: TaskSurroundings): SinkTask {
  const { plan, sink } = around.deployment;
  const { headerRow } = plan.sink;
  const { memory } = around;
  const description = sink.kind === 'folder' ? { kind: 'part' as const, folder: sink.path, index: ref.index, headerRow } : { ...sink, headerRow };
  return new SinkTask({
    ref,
    attempt: around.attempt,
    commits: memory.kind === 'sink' ? memory.commits : undefined,
    recovered: memory.kind === 'sink' ? memory.recovered : undefined,
    open: (resume) => openSink(description, { stdout: around.streams.stdout, clock: systemClock, resume, durable: around.deployment.store?.durability === 'host' }),
    producers: around.producers,
    receivers: around.receivers,
    log: around.log,
    changed: around.changed,
  });
}

function makeOperator(ref: TaskRef, around: TaskSurroundings): OperatorTask {
  const { plan } = around.deployment;
  const { memory } = around;
  const stage = stageOf(ref, around.deployment);
  const start = {
    members: operatorMembers(stage, plan.lineBuffered),
    env: operatorEnvironment(stage, around.deployment.job, ref.index, plan.locale),
    cwd: stage.cwd,
    control: stage.contract === 'snapshot' && (memory.kind === 'operator' || stage.readsFiles !== undefined),
  };
  return new OperatorTask({
    ref,
    stage,
    attempt: around.attempt,
    command: start.members.map((member) => member.shown).join(' | '),
    startOperator: (events) => OperatorProcess.start(start, events),
    journal: memory.kind === 'operator' ? memory.journal : undefined,
    poison: stage.onPoison === 'deadletter' ? { deadLetters: new DeadLetterFile(deadLetterPath(ref, stage, around.deployment)), searchMs: SEARCH_MS } : undefined,
    maxTupleBytes: plan.maxTupleBytes,
    log: around.log,
    clock: systemClock,
    receivers: around.receivers,
    producers: around.producers,
    lanes: around.lanes,
    changed: around.changed,
  }, memory.kind === 'operator' ? memory.recovered : undefined);
}

/** What the leader's folder of dead letters has of a task. */
function deadLetterPath(ref: TaskRef, { inputFormat }: StagePlan, { deadLetters }: Deployment): string {
  return join(deadLetters, `${taskId(ref)}.${inputFormat === 'csv' ? 'csv' : 'txt'}`);
}

/** Throws COMMAND_NOT_FOUND if the operator of a stage's task is not on this machine. */
export function checkOperator(ref: TaskRef, deployment: Deployment): void {
  const { plan, job } = deployment;
  const stage = stageOf(ref, deployment);
  const env = operatorEnvironment(stage, job, ref.index, plan.locale);
  for (const member of operatorMembers(stage, plan.lineBuffered)) {
    findCommand(member.argv[0] ?? '', stage.cwd, env, `stage ${stage.asked ?? stage.number} (${stage.name})`);
  }
}

function stageOf(ref: TaskRef, deployment: Deployment): StagePlan {
  const stage = stageNumbered(deployment.plan, ref.stage);
  invariant(stage !== undefined, `the plan has a stage ${ref.stage}`);
  return stage;
}
