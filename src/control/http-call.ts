/**
 * One call over HTTP, by Node's own client. `fetch` would give up on a body that is silent for five minutes, as that of a
 * followed log may be, and cannot be told otherwise.
 */
import { once } from 'node:events';
import type { Agent, IncomingMessage, request } from 'node:http';

export interface HttpCall {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** False: a connection of its own, which ends with the answer. By default one is kept open for the next call. */
  readonly agent?: Agent | false | undefined;
  /** Aborts the call and the answer. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves with the answer, whatever its status, when its head is there. Rejects with the system's error when there is none. */
export async function httpCall(url: string, { body, ...options }: HttpCall): Promise<IncomingMessage> {
  const call = clientFor(url).request(url, options);
  call.end(body);
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  // What breaks off later is told to the call as well; the reader hears it from the answer.
  call.on('error', (error) => answer.destroy(error));
  return answer;
}

/**
 * Not imported: an import of node:http reads all it exports, some of which loads Node's whole client for `fetch` and
 * WebSockets, a quarter of what a worker needs to start.
 */
function clientFor(url: string): { readonly request: typeof request } {
  return url.startsWith('https:') ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
}
