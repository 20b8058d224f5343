import type { ChannelReceiver } from '../wire/channel-receiver.ts';

/** Durable, and to be fed in its turn. */
export type JournaledEntry =
  | {
    readonly kind: 'frame';
    readonly position: number;
    readonly receiver: ChannelReceiver;
    readonly first: number;
    readonly count: number;
    readonly bytes: Buffer;
    /** Of all bytes of the channel up to the end of this frame. */
    readonly digest: number;
  }
  | { readonly kind: 'fin'; readonly position: number; readonly producer: number; readonly superseded: boolean }
  | { readonly kind: 'cut'; readonly position: number };
