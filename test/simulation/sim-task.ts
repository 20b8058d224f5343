/** Puts a real task together on a simulated worker: real channels, journal and router; operator, file and clock are simulated. */
import { RainstormError } from '../../src/base/errors.ts';
import { JournaledSource } from '../../src/connect/journaled-source.ts';
import type { Source } from '../../src/connect/source.ts';
import { SourceJournal } from '../../src/connect/source-journal.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { channelName, logName, taskId, type TaskRef } from '../../src/job/task-id.ts';
import { consumersOf, partitioningAfter, producersOf, sinkStage } from '../../src/job/topology.ts';
import type { LogStore } from '../../src/log/log.ts';
import type { DeadLetters } from '../../src/task/dead-letters.ts';
import type { OperatorProcessEvents } from '../../src/task/operator-process.ts';
import { OperatorTask } from '../../src/task/operator-task.ts';
import type { OutputPosition } from '../../src/task/router.ts';
import { Router } from '../../src/task/router.ts';
import { SinkTask } from '../../src/task/sink-task.ts';
import { SourceCheckpoints } from '../../src/task/source-checkpoints.ts';
import { SourceTask } from '../../src/task/source-task.ts';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { ChannelSender, type SenderOptions } from '../../src/wire/channel-sender.ts';
import type { ChannelPosition } from '../../src/wire/in-channel.ts';
import type { Hosted, HostSurroundings } from '../../src/worker/host-task.ts';
import { attemptOf, openMemory } from '../../src/worker/task-memory.ts';
import { NOT_RECORDED } from './read-once.ts';
import { openSimSource } from './sim-source.ts';
import { skipTuples, type StageShape } from './shape.ts';
import { SimOperator } from './sim-operator.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** In steps; a simulated job takes some thousands. */
const MAX_SOURCE_CHECKPOINT_MS = 400;

/** One attempt of a task on one worker, with what it found when it was hosted. */
export interface HostedAttempt extends Hosted {
  readonly process: SimProcess;
  readonly attempt: number;
  readonly receivers: ChannelReceiver[];
  readonly senders: ChannelSender[];
  readonly operators: SimOperator[];
  readonly recovered: Recovered;
}

interface Recovered {
  /** By producer. */
  readonly positions: readonly ChannelPosition[];
  /** Of its checkpoint. */
  readonly output: OutputPosition | undefined;
  readonly finished: boolean;
}

/** Tells what it is about to route. */
class WatchedSender extends ChannelSender {
  readonly #pushing: (first: number, bytes: Buffer, count: number) => void;

  constructor(options: SenderOptions, pushing: (sender: ChannelSender, first: number, bytes: Buffer, count: number) => void) {
    super(options);
    this.#pushing = (first, bytes, count) => pushing(this, first, bytes, count);
  }

  override push(bytes: Buffer, count: number): void {
    this.#pushing(this.made.sequence, bytes, count);
    super.push(bytes, count);
  }
}

/** Windows are as small as the shape says, so that they are full now and then. */
export async function hostSimTask(world: World, process: SimProcess, ref: TaskRef, given: HostSurroundings): Promise<HostedAttempt> {
  const around = { ...given, windowBytes: world.shape.windowBytes };
  const { topology, windowBytes } = around;
  const attempt = attemptOf(ref, around.deployment);
  const parts = { receivers: [] as ChannelReceiver[], senders: [] as ChannelSender[], operators: [] as SimOperator[] };
  const made = await makeTask(world, process, ref, { ...around, attempt, ...parts });
  const hosted: HostedAttempt = { ref, attempt, process, log: made.log, task: made.task, recovered: made.recovered, ...parts };
  for (const [producer, from] of producersOf(topology, ref).entries()) {
    const position = made.recovered.positions[producer];
    parts.receivers.push(new ChannelReceiver({
      name: channelName(from, ref), producer, windowBytes, skipTuples, events: made.task.input, defer: (action) => process.later(action),
      ...(position === undefined ? {} : { from: position }),
    }));
  }
  for (const consumer of consumersOf(topology, ref)) {
    const options = { name: channelName(ref, consumer), attempt, maxHeldBytes: windowBytes, skipTuples, events: made.task.output };
    parts.senders.push(new WatchedSender(options, (sender, first, bytes, count) => world.checks.pushing(hosted, sender, first, bytes, count)));
  }
  world.hosted(hosted);
  return hosted;
}

interface Around extends HostSurroundings {
  readonly attempt: number;
  readonly receivers: ChannelReceiver[];
  readonly senders: ChannelSender[];
  readonly operators: SimOperator[];
}

type Made = Pick<HostedAttempt, 'task' | 'log' | 'recovered'>;

async function makeTask(world: World, process: SimProcess, ref: TaskRef, around: Around): Promise<Made> {
  if (ref.stage === 0) return makeSource(world, process, ref, around);
  const memory = await openMemory(ref, around);
  const { receivers, senders, topology } = around;
  const log = world.logFor(ref);
  const common = { ref, attempt: around.attempt, log, changed: around.changed, receivers: () => receivers, producers: producersOf(topology, ref).length };
  if (memory.kind === 'sink') {
    const { commits, recovered } = memory;
    const task = new SinkTask({ ...common, commits, recovered, open: async (from) => world.result.open(process, around.attempt, from) });
    return { task, log, recovered: { positions: memory.positions, output: undefined, finished: false } };
  }
  if (memory.kind !== 'operator' || ref.stage === sinkStage(topology)) throw new Error(`task ${taskId(ref)} has a journal`);
  const stage = topology.plan.stages[ref.stage - 1] as StagePlan;
  const task = new OperatorTask({
    ...common,
    makeRouter: (channels) => makeRouter(ref, { ...around, senders: channels }),
    poison: stage.onPoison === 'deadletter' ? { deadLetters: deadLettersFor(world, process, ref), searchMs: undefined } : undefined,
    journal: memory.journal,
    stage,
    maxTupleBytes: 1 << 20,
    clock: process,
    senders: () => senders,
    command: 'simulated',
    startOperator: (events) => Promise.resolve(startOperator(world, process, ref, around, events)),
  }, memory.recovered);
  const { checkpoint, finished } = memory.recovered;
  return { task, log, recovered: { positions: memory.positions, output: checkpoint?.output, finished } };
}

async function makeSource(world: World, process: SimProcess, ref: TaskRef, around: Around): Promise<Made> {
  const { attempt, senders, deployment, changed } = around;
  const opened = await (around.store as LogStore).open(logName(deployment.job, ref), attempt);
  const journal = world.shape.readOnce ? await SourceJournal.open(opened) : undefined;
  // As a worker does.
  if (journal !== undefined && attempt > 1 && !journal.ended) throw new RainstormError('SOURCE_FAILED', NOT_RECORDED);
  if (journal !== undefined && attempt > 1) world.faults.count('reread');
  const checkpoints = new SourceCheckpoints(opened, journal === undefined ? undefined : (at) => journal.firstNeeded(at), process.random.below(MAX_SOURCE_CHECKPOINT_MS));
  const recovered = await checkpoints.last();
  const log = world.logFor(ref);
  const read = journal?.ended === true ? undefined : openSimSource(process, world.shape, recovered?.source);
  const fromBytes = recovered?.source.offsetBytes ?? 0;
  const source = journal === undefined ? (read as Source) : new JournaledSource({ journal, source: read, fromBytes, format: 'lines', maxTupleBytes: 1 << 20 });
  const task = new SourceTask({
    ref, attempt, log, changed, journal, checkpoints, recovered, source, makeRouter: () => makeRouter(ref, around), senders: () => senders, clock: process,
  });
  return { task, log, recovered: { positions: [], output: recovered?.output, finished: false } };
}

function makeRouter(ref: TaskRef, { topology, senders, windowBytes }: Pick<Around, 'topology' | 'windowBytes'> & { readonly senders: readonly ChannelSender[] }): Router {
  return new Router({ partitioning: partitioningAfter(topology, ref.stage), producerIndex: ref.index, channels: senders, windowBytes });
}

function startOperator(world: World, process: SimProcess, ref: TaskRef, { operators }: Around, events: OperatorProcessEvents): SimOperator {
  const { program: kind, contract, frailty } = world.shape.stages[ref.stage - 1] as StageShape;
  const feeding = world.checks.feedingOf(ref);
  const operator = new SimOperator(process, events, { kind, frailty, speaks: contract === 'snapshot', feeding });
  operators.push(operator);
  return operator;
}

/** Often a worker dies just then. */
function deadLettersFor(world: World, process: SimProcess, ref: TaskRef): DeadLetters {
  return {
    write: async (bytes, offsetBytes) => {
      const letters = world.deadLettersOf(ref);
      const worker = world.hostOf(process);
      if (worker !== undefined && letters.deathsLeft > 0 && process.chance(3)) {
        letters.deathsLeft -= 1;
        world.faults.count('deathsBehindSkips');
        world.killWorker(worker);
      }
      await process.pause();
      letters.write(bytes, offsetBytes);
    },
  };
}
