import type { Partitioning } from '../../src/job/plan.ts';
import { FIRST_GENERATION } from '../../src/job/task-id.ts';
import type { Producers } from '../../src/task/input-order.ts';
import { LaneRouter } from '../../src/task/lane-router.ts';
import { Lanes } from '../../src/task/lanes.ts';
import type { ChannelSender } from '../../src/wire/channel-sender.ts';

export interface LanesToOptions {
  readonly partitioning?: Partitioning;
  readonly producerIndex?: number;
  readonly windowBytes: number;
}

/** The lanes of a task whose consumers are not rescaled; what `set` is called with decides who they are. */
export function lanesOf({ partitioning = { kind: 'spread' }, producerIndex = 0, windowBytes }: LanesToOptions): Lanes {
  return new Lanes({ makeRouter: (channels) => new LaneRouter({ partitioning, producerIndex, channels, windowBytes }) });
}

export function setSenders(lanes: Lanes, senders: readonly ChannelSender[]): void {
  lanes.set([{ generation: FIRST_GENERATION, senders, pending: false }]);
}

/** The first tasks of a stage that is not rescaled. */
export function firstProducers(count: number): () => Producers {
  const numbers = Array.from({ length: count }, (_, index) => index);
  return () => ({ numbers, more: false });
}
