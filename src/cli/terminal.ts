/** Where a command's results and remarks go. A reader of the results that has gone (`| head`) is no failure. */
import type { Writable } from 'node:stream';
import { StdoutSink } from '../connect/stdout-sink.ts';

export class Terminal {
  readonly #out: StdoutSink;
  readonly #err: Writable;

  constructor(stdout: Writable = process.stdout, stderr: Writable = process.stderr) {
    this.#out = new StdoutSink(stdout, undefined);
    this.#err = stderr;
    // Where stderr is gone as well there is nobody left to tell.
    stderr.on('error', () => undefined);
  }

  /** Results, as they are. Resolves when they are out; gives `closed` once nobody reads them. Throws SINK_FAILED. */
  async print(text: string | Uint8Array): Promise<'open' | 'closed'> {
    const bytes = typeof text === 'string' ? Buffer.from(text) : Buffer.from(text.buffer, text.byteOffset, text.byteLength);
    return await this.#out.write([bytes]);
  }

  async printJson(value: unknown): Promise<void> {
    await this.print(`${JSON.stringify(value, undefined, 2)}\n`);
  }

  /** A line for the user that is no result. */
  remark(text: string): void {
    this.#err.write(`rainstorm: ${text}\n`);
  }
}
