/**
 * An answer of bytes that may pause for as long as it likes, as a followed log does. `fetch` gives up on a body that
 * is silent for five minutes and cannot be told otherwise, hence Node's own client.
 */
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface ByteStreamOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Aborts the request and the stream. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with the answer, whatever its status, when its head is there. Rejects with the system's error when there is none. */
export async function openByteStream(url: string, { headers, signal }: ByteStreamOptions): Promise<IncomingMessage> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  // A connection of its own, which ends with the stream.
  const call = request(url, { headers, agent: false, ...(signal === undefined ? {} : { signal }) });
  call.end();
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  // What breaks off later is told to the request as well; the reader hears it from the answer.
  call.on('error', (error) => answer.destroy(error));
  return answer;
}
