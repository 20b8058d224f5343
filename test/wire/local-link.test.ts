import { expect, test } from 'vitest';
import { ChannelReceiver } from '../../src/wire/channel-receiver.ts';
import { ChannelSender } from '../../src/wire/channel-sender.ts';
import { joinLocally } from '../../src/wire/local-link.ts';

const WINDOW_BYTES = 1_000;

const skipTuples = (bytes: Buffer, count: number) => bytes.toString('latin1').split('\n', count).join('\n').length + 1;

test('a consumer that comes to its producer’s worker gets what is repeated before what follows, though it answers at once', () => {
  const sender = new ChannelSender({
    name: 'c', attempt: 1, maxHeldBytes: WINDOW_BYTES, skipTuples, events: { acked: () => undefined, done: () => undefined, stopped: () => undefined },
  });
  // A consumer on another worker, which is lost with all that was on its way there.
  sender.connect({ open: () => undefined, data: () => undefined, fin: () => undefined });
  sender.onOpened({ expected: 0, ended: false, creditBytes: WINDOW_BYTES, windowBytes: WINDOW_BYTES, digest: 0 });
  for (const line of ['a\n', 'b\n', 'c\n']) sender.push(Buffer.from(line), 1);
  const taken: string[] = [];
  const receiver: ChannelReceiver = new ChannelReceiver({
    name: 'c', producer: 0, windowBytes: WINDOW_BYTES, skipTuples, defer: (action) => action(),
    events: {
      accepted: (_, first, count, bytes) => {
        taken.push(bytes.toString());
        receiver.recorded(first + count);
        receiver.fed(bytes.length);
      },
      rejected: () => undefined,
      ended: (_, sequence) => receiver.recorded(sequence + 1),
    },
  });
  joinLocally(sender, receiver);
  sender.push(Buffer.from('d\n'), 1);
  sender.finish();
  expect(taken).toEqual(['a\n', 'b\n', 'c\n', 'd\n']);
  expect([sender.done, receiver.ended]).toEqual([true, true]);
});
