/** What a producer has sent on a connection and may send, in bytes since it was opened (O4). */
export class Credit {
  #sentBytes = 0;
  #creditBytes = 0;
  #windowBytes = 0;

  /** `sentBytes`: what was repeated before the consumer answered. */
  opened({ sentBytes, creditBytes, windowBytes }: { readonly sentBytes: number; readonly creditBytes: number; readonly windowBytes: number }): void {
    this.#sentBytes = sentBytes;
    this.#creditBytes = creditBytes;
    this.#windowBytes = windowBytes;
  }

  raise(creditBytes: number): void {
    this.#creditBytes = Math.max(this.#creditBytes, creditBytes);
  }

  use(bytes: number): void {
    this.#sentBytes += bytes;
  }

  /** So much may leave now: anything, where the consumer holds nothing of ours. */
  covers(bytes: number): boolean {
    return this.#sentBytes + bytes <= this.#creditBytes || this.#creditBytes - this.#sentBytes === this.#windowBytes;
  }
}
