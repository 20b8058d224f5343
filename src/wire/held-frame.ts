export interface HeldFrame {
  readonly first: number;
  readonly count: number;
  readonly bytes: Buffer;
  /** Of all bytes of the channel before this frame. */
  readonly digest: number;
}

/** What may be sent next. */
export type Sendable = { readonly kind: 'data'; readonly frame: HeldFrame } | { readonly kind: 'fin'; readonly sequence: number };
