/**
 * The ends of a task's channels. Which there are follows from the topology: the task stays where its neighbours get another
 * number of tasks, and only these ends change.
 */
import { invariant } from '../base/errors.ts';
import { RANGE_WINDOW_BYTES, skipRange } from '../job/file-range.ts';
import { skipTuples } from '../job/skip-tuples.ts';
import { channelName, producerNumber, taskName, type TaskRef } from '../job/task-id.ts';
import { consumersOf, generationOfStage, partitioningAfter, producersOf, stageBefore, stageBehind, stageNumbered, successorsOf, type Topology } from '../job/topology.ts';
import type { Producers } from '../task/input-order.ts';
import type { Lane } from '../task/lane.ts';
import { LaneRouter } from '../task/lane-router.ts';
import { Lanes } from '../task/lanes.ts';
import type { SwitchPoint } from '../task/switch-point.ts';
import type { Task } from '../task/task.ts';
import { ChannelReceiver } from '../wire/channel-receiver.ts';
import { ChannelSender, type SenderOptions } from '../wire/channel-sender.ts';
import type { ChannelPositions, SkipTuples } from '../wire/in-channel.ts';

export interface TaskChannelsOptions {
  readonly ref: TaskRef;
  readonly attempt: number;
  readonly topology: Topology;
  readonly windowBytes: number;
  /** Where the channels that end here stand in the task's journal. */
  readonly positions: ChannelPositions;
  /** SWITCHes in the task's journal. */
  readonly switches: readonly SwitchPoint[];
  /** Of the stage behind, that the output of the task's checkpoint goes to. */
  readonly generation: number | undefined;
  readonly makeSender?: (options: SenderOptions) => ChannelSender;
  /** As `ReceiverOptions.defer`. */
  readonly defer?: (action: () => void) => void;
}

/** What is there no more. */
export interface GoneChannels {
  readonly receivers: readonly ChannelReceiver[];
  readonly senders: readonly ChannelSender[];
}

export class TaskChannels {
  readonly lanes: Lanes;
  readonly #options: TaskChannelsOptions;
  #topology: Topology;
  #windowBytes: number;
  #task: Task | undefined;
  #receivers: ChannelReceiver[] = [];

  constructor(options: TaskChannelsOptions) {
    this.#options = options;
    this.#topology = options.topology;
    this.#windowBytes = options.windowBytes;
    const { ref, switches, generation } = options;
    this.lanes = new Lanes({
      switches,
      generation,
      makeRouter: (channels) => new LaneRouter({ partitioning: partitioningAfter(this.#topology, ref.stage), producerIndex: ref.index, channels, windowBytes: this.#windowBytes }),
    });
  }

  get receivers(): readonly ChannelReceiver[] {
    return this.#receivers;
  }

  /** To tasks that are there. */
  get senders(): readonly ChannelSender[] {
    return this.lanes.all.filter(({ pending }) => !pending).flatMap(({ senders }) => senders);
  }

  get producers(): Producers {
    const { ref } = this.#options;
    const more = ref.stage > 0 && this.#topology.rescaling?.stage === stageBefore(this.#topology, ref.stage);
    return { numbers: producersOf(this.#topology, ref).map(producerNumber), more };
  }

  /** Makes them, for the task that they report to. */
  bind(task: Task): void {
    this.#task = task;
    this.#settle();
  }

  /** Neighbours have come or gone. */
  update(topology: Topology, windowBytes: number): GoneChannels {
    this.#topology = topology;
    this.#windowBytes = windowBytes;
    const before = { receivers: this.#receivers, senders: this.lanes.all.flatMap(({ senders }) => senders) };
    this.#settle();
    const senders = new Set(this.lanes.all.flatMap((lane) => lane.senders));
    return {
      receivers: before.receivers.filter((receiver) => !this.#receivers.includes(receiver)),
      senders: before.senders.filter((sender) => !senders.has(sender)),
    };
  }

  #settle(): void {
    const { ref } = this.#options;
    const made = new Map(this.#receivers.map((receiver) => [receiver.name, receiver]));
    this.#receivers = producersOf(this.#topology, ref).map((producer) => made.get(channelName(producer, ref)) ?? this.#makeReceiver(producer));
    this.lanes.set(this.#lanes());
  }

  #lanes(): Lane[] {
    const { ref } = this.#options;
    const behind = stageBehind(this.#topology, ref.stage);
    const generation = generationOfStage(this.#topology, behind);
    const present = consumersOf(this.#topology, ref);
    if (present.length === 0) return [];
    const next = successorsOf(this.#topology, behind);
    const lanes = [{ generation, pending: false, consumers: present }, ...(next.length === 0 ? [] : [{ generation: generation + 1, pending: true, consumers: next }])];
    return lanes.map(({ consumers, ...lane }) => ({ ...lane, senders: this.lanes.all.find((made) => made.generation === lane.generation)?.senders ?? consumers.map((consumer) => this.#makeSender(consumer)) }));
  }

  #makeReceiver(producer: TaskRef): ChannelReceiver {
    const { ref, positions, defer = setImmediate } = this.#options;
    const number = producerNumber(producer);
    const from = positions.get(number);
    return new ChannelReceiver({
      name: channelName(producer, ref), producer: number, ...this.#channelsInto(ref.stage), events: this.#bound.input, defer,
      ...(from === undefined ? {} : { from }),
    });
  }

  #makeSender(consumer: TaskRef): ChannelSender {
    const { ref, attempt, makeSender = (options) => new ChannelSender(options) } = this.#options;
    const { windowBytes, skipTuples: skip } = this.#channelsInto(consumer.stage);
    return makeSender({ name: channelName(ref, consumer), attempt, maxHeldBytes: windowBytes, skipTuples: skip, events: this.#bound.output });
  }

  get #bound(): Task {
    invariant(this.#task !== undefined, `the channels of ${taskName(this.#options.ref)} are bound to their task`);
    return this.#task;
  }

  /** What the channels to the tasks of a stage carry: tuples, or where they stand. */
  #channelsInto(stage: number): { readonly windowBytes: number; readonly skipTuples: SkipTuples } {
    const { plan } = this.#topology;
    const consumer = stageNumbered(plan, stage);
    if (consumer?.readsFiles !== undefined) return { windowBytes: RANGE_WINDOW_BYTES, skipTuples: skipRange };
    const format = consumer?.inputFormat ?? plan.sink.format;
    return { windowBytes: this.#windowBytes, skipTuples: (bytes, count) => skipTuples(format, bytes, count) };
  }
}
