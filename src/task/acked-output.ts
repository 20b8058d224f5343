import type { ChannelSender } from '../wire/channel-sender.ts';
import type { OutputPosition } from './router.ts';

/** Whether every consumer has acked all output before a position, or wants nothing more. */
export function isAcked(output: OutputPosition, senders: readonly ChannelSender[]): boolean {
  return senders.every((sender, index) => sender.stopped || sender.acked >= (output.channels[index]?.sequence ?? 0));
}

/** The position as it is to be recorded: consumers may have wanted no more since it was taken. */
export function withStops(output: OutputPosition, senders: readonly ChannelSender[]): OutputPosition {
  return { ...output, channels: output.channels.map((made, index) => ({ ...made, stopped: senders[index]?.stopped ?? made.stopped })) };
}
