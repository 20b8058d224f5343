/** The way from input to output in bytes, whatever pieces the input comes in. Its state may be taken between any two of them. */
export interface ByteOperator {
  /** It is faster with pieces that begin with a tuple. */
  readonly wantsWhole: boolean;
  /** The output that this piece gives, for the caller to keep. */
  push(chunk: Buffer): Buffer;
  /** The rest of the output, in pieces; called once. */
  end(): Iterable<Buffer>;
  /** Everything that the rest of the output depends on, but for the rest of the input. */
  state(): Buffer;
  /** Goes on where another one gave this state; before any input. Throws PROTOCOL for bytes that are none. */
  restore(state: Buffer): void;
}
