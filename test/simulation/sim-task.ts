/** Puts a real task together on a simulated worker: real channels, journal and router; operator, file and clock are simulated. */
import { RainstormError } from '../../src/base/errors.ts';
import { JournaledSource } from '../../src/connect/journaled-source.ts';
import type { Source } from '../../src/connect/source.ts';
import { SourceJournal } from '../../src/connect/source-journal.ts';
import type { StagePlan } from '../../src/job/plan.ts';
import { logName, taskId, type TaskRef } from '../../src/job/task-id.ts';
import { sinkStage, type Topology } from '../../src/job/topology.ts';
import type { LogStore } from '../../src/log/log.ts';
import type { DeadLetters } from '../../src/task/dead-letters.ts';
import type { OperatorProcessEvents } from '../../src/task/operator-process.ts';
import { OperatorTask } from '../../src/task/operator-task.ts';
import type { OutputPosition } from '../../src/task/output-position.ts';
import { SinkTask } from '../../src/task/sink-task.ts';
import { SourceCheckpoints } from '../../src/task/source-checkpoints.ts';
import { SourceTask } from '../../src/task/source-task.ts';
import type { SwitchPoint } from '../../src/task/switch-point.ts';
import { ChannelSender, type SenderOptions } from '../../src/wire/channel-sender.ts';
import type { ChannelPositions } from '../../src/wire/in-channel.ts';
import type { Hosted, HostSurroundings } from '../../src/worker/host-task.ts';
import { TaskChannels, type GoneChannels, type TaskChannelsOptions } from '../../src/worker/task-channels.ts';
import { attemptOf, openMemory } from '../../src/worker/task-memory.ts';
import { NOT_RECORDED } from './read-once.ts';
import { openSimSource } from './sim-source.ts';
import type { StageShape } from './shape.ts';
import { SimOperator } from './sim-operator.ts';
import type { SimProcess } from './sim-process.ts';
import type { World } from './world.ts';

/** In steps; a simulated job takes some thousands. */
const MAX_SOURCE_CHECKPOINT_MS = 400;

/** One attempt of a task on one worker, with what it found when it was hosted. */
export interface HostedAttempt extends Hosted {
  readonly process: SimProcess;
  readonly attempt: number;
  readonly operators: SimOperator[];
  readonly recovered: Recovered;
}

interface Recovered {
  readonly positions: ChannelPositions;
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
  world.noteStages(topology);
  const attempt = attemptOf(ref, around.deployment);
  const operators: SimOperator[] = [];
  const opened = await openMade(world, process, ref, { ...around, attempt });
  const channels = new SimChannels({
    ref, attempt, topology, windowBytes, positions: opened.recovered.positions, switches: opened.switches, generation: opened.recovered.output?.generation,
    defer: (action) => process.later(action),
    makeSender: (options) => new WatchedSender(options, (sender, first, bytes, count) => world.checks.pushing(hosted, sender, first, bytes, count)),
  });
  const { task, log } = opened.make({ ...around, attempt, channels, operators });
  const hosted: HostedAttempt = { ref, attempt, process, log, task, recovered: opened.recovered, operators, channels };
  channels.bind(task);
  world.hosted(hosted);
  return hosted;
}

/** Windows stay as small. */
class SimChannels extends TaskChannels {
  readonly #windowBytes: number;

  constructor(options: TaskChannelsOptions) {
    super(options);
    this.#windowBytes = options.windowBytes;
  }

  override update(topology: Topology): GoneChannels {
    return super.update(topology, this.#windowBytes);
  }
}

interface Opening extends HostSurroundings {
  readonly attempt: number;
}

interface Around extends Opening {
  readonly channels: TaskChannels;
  readonly operators: SimOperator[];
}

/** What a task's log holds, and how the task is made that goes on from it. */
interface Opened {
  readonly recovered: Recovered;
  readonly switches: readonly SwitchPoint[];
  readonly make: (around: Around) => Pick<HostedAttempt, 'task' | 'log'>;
}

async function openMade(world: World, process: SimProcess, ref: TaskRef, opening: Opening): Promise<Opened> {
  if (ref.stage === 0) return openSource(world, process, ref, opening);
  const memory = await openMemory(ref, opening);
  const common = (around: Around) => ({
    ref, attempt: around.attempt, log: world.logFor(ref), changed: around.changed, receivers: () => around.channels.receivers, producers: () => around.channels.producers,
  });
  if (memory.kind === 'sink') {
    const { commits, recovered } = memory;
    const make = (around: Around) => {
      const parts = common(around);
      return { log: parts.log, task: new SinkTask({ ...parts, commits, recovered, open: async (from) => world.result.open(process, around.attempt, from) }) };
    };
    return { make, switches: [], recovered: { positions: memory.positions, output: undefined, finished: false } };
  }
  if (memory.kind !== 'operator' || ref.stage === sinkStage(opening.topology)) throw new Error(`task ${taskId(ref)} has a journal`);
  const { journal, recovered } = memory;
  const make = (around: Around) => {
    const parts = common(around);
    const stage = around.topology.plan.stages[ref.stage - 1] as StagePlan;
    const task = new OperatorTask({
      ...parts,
      lanes: around.channels.lanes,
      poison: stage.onPoison === 'deadletter' ? { deadLetters: deadLettersFor(world, process, ref), searchMs: undefined } : undefined,
      journal,
      stage,
      maxTupleBytes: 1 << 20,
      clock: process,
      command: 'simulated',
      startOperator: (events) => Promise.resolve(startOperator(world, process, ref, around, events)),
    }, recovered);
    return { task, log: parts.log };
  };
  return { make, switches: recovered.switches, recovered: { positions: memory.positions, output: recovered.checkpoint?.output, finished: recovered.finished } };
}

async function openSource(world: World, process: SimProcess, ref: TaskRef, { attempt, deployment, store }: Opening): Promise<Opened> {
  const opened = await (store as LogStore).open(logName(deployment.job, ref), attempt);
  const journal = world.shape.readOnce ? await SourceJournal.open(opened) : undefined;
  // As a worker does.
  if (journal !== undefined && attempt > 1 && !journal.ended) throw new RainstormError('SOURCE_FAILED', NOT_RECORDED);
  if (journal !== undefined && attempt > 1) world.faults.count('reread');
  const checkpoints = new SourceCheckpoints(opened, journal === undefined ? undefined : (at) => journal.firstNeeded(at), process.random.below(MAX_SOURCE_CHECKPOINT_MS));
  const recovered = await checkpoints.last();
  const switches = await checkpoints.switchesBehind(recovered);
  const make = ({ changed, channels }: Around) => {
    const log = world.logFor(ref);
    const read = journal?.ended === true ? undefined : openSimSource(process, world.shape, recovered?.source);
    const fromBytes = recovered?.source.offsetBytes ?? 0;
    const source = journal === undefined ? (read as Source) : new JournaledSource({ journal, source: read, fromBytes, format: 'lines', maxTupleBytes: 1 << 20 });
    return { log, task: new SourceTask({ ref, attempt, log, changed, journal, checkpoints, recovered, source, lanes: channels.lanes, clock: process }) };
  };
  return { make, switches, recovered: { positions: new Map(), output: recovered?.output, finished: false } };
}

function startOperator(world: World, process: SimProcess, ref: TaskRef, { operators, channels }: Around, events: OperatorProcessEvents): SimOperator {
  const { program: kind, contract, frailty } = world.shape.stages[ref.stage - 1] as StageShape;
  const feeding = world.checks.feedingOf(ref, channels);
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
