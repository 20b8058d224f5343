export interface HeldFrame {
  readonly first: number;
  readonly count: number;
  readonly bytes: Buffer;
  /** Of all bytes of the channel before this frame. */
  readonly digest: number;
}

/** The end of a channel. `superseded`: what its producer puts out from here on goes to the next generation of the consumers. */
interface End {
  readonly kind: 'fin';
  readonly sequence: number;
  readonly superseded: boolean;
}

/** What may be sent next. */
export type Sendable = { readonly kind: 'data'; readonly frame: HeldFrame } | End;
