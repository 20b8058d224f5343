import { ChannelSender } from '../wire/channel-sender.ts';
import type { SkipTuples } from '../wire/in-channel.ts';
import { NOTHING_MADE } from '../wire/made-position.ts';
import { Lanes } from './lanes.ts';

/** Credit: nothing waits here, so as much as there may be. */
const ALL = Number.MAX_SAFE_INTEGER;

const NOBODY = { acked: () => undefined, done: () => undefined, stopped: () => undefined };

/**
 * Channels that lead nowhere, in the place of a task's own. Where they compare, they have been told what the consumers have,
 * and so by O7 take nothing else; what comes behind that is acked and gone.
 */
export class TrialChannels {
  readonly lanes: Lanes;
  readonly #senders: readonly ChannelSender[];
  /** Of consumers that wanted no more and have not said what they had taken: whatever is made, it may not be that. */
  readonly #silent: readonly ChannelSender[];

  /** `lanes`: whose consumers have all said where they stand, or that they want no more. */
  constructor(lanes: Lanes, skipTuples: SkipTuples, compare: boolean) {
    const real = lanes.connected;
    this.#senders = real.map((sender) => {
      const channel = new ChannelSender({ name: sender.name, attempt: 1, maxHeldBytes: Infinity, skipTuples, events: NOBODY });
      const { known } = sender;
      if (!compare) channel.onStop();
      const { sequence, digest } = known === undefined || known.stopped ? NOTHING_MADE : known;
      const answer = { expected: sequence, ended: false, creditBytes: ALL, windowBytes: ALL, digest };
      channel.connect({ open: () => channel.onOpened(answer), data: ({ first, count }) => channel.onAck(first + count, ALL), fin: () => undefined });
      return channel;
    });
    this.#silent = this.#senders.filter((_, index) => compare && real[index]?.known?.stopped !== false);
    this.lanes = new Lanes({ makeRouter: lanes.makeRouter, switches: lanes.switches });
    const instead = new Map(real.map((sender, index) => [sender, this.#senders[index] as ChannelSender]));
    this.lanes.set(lanes.open.filter(({ pending }) => !pending).map((lane) => ({ ...lane, senders: lane.senders.map((sender) => instead.get(sender) as ChannelSender) })));
  }

  /** `passed`: everything that the consumers have was made again. Those that wanted no more at the checkpoint have nothing from behind it. */
  get verdict(): 'passed' | 'diverged' | 'untold' {
    const wanting = this.#senders.filter(({ stopped }) => !stopped);
    if (wanting.some(({ remaking }) => remaking)) return 'diverged';
    return wanting.some((sender) => this.#silent.includes(sender)) ? 'untold' : 'passed';
  }
}
