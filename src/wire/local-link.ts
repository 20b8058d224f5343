import type { ChannelReceiver, ProducerLink } from './channel-receiver.ts';
import type { ChannelSender, ConsumerLink } from './channel-sender.ts';

/** Joins both ends of a channel inside one worker by function calls. */
export function joinLocally(sender: ChannelSender, receiver: ChannelReceiver): void {
  const back: ProducerLink = {
    opened: (answer) => sender.onOpened(answer),
    ack: (expected, creditBytes) => sender.onAck(expected, creditBytes),
    stop: () => sender.onStop(),
  };
  const forth: ConsumerLink = {
    open: (_, attempt) => receiver.connect(back, attempt),
    data: (frame) => receiver.onData(back, frame.first, frame.count, frame.bytes),
    fin: (sequence, superseded) => receiver.onFin(back, sequence, superseded),
  };
  sender.connect(forth);
}
