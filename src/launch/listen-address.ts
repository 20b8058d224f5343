import { RainstormError } from '../base/errors.ts';
import type { ListenAddress } from '../control/http-server.ts';

const ADDRESS = /^(?:\[(?<v6>[^\]]+)\]|(?<host>[^:]*))(?::(?<port>\d+))?$/;
const MAX_PORT = 65535;

/** Reads `HOST`, `HOST:PORT`, `:PORT` or `[::1]:PORT`; what is missing comes from `otherwise`. Throws USAGE. */
export function parseListenAddress(text: string, otherwise: ListenAddress): ListenAddress {
  const groups = ADDRESS.exec(text)?.groups;
  const port = groups?.['port'] === undefined ? otherwise.port : Number(groups['port']);
  if (groups === undefined || text === '' || port > MAX_PORT) {
    throw new RainstormError('USAGE', `"${text}" is no address to listen on`, { hint: 'As in 127.0.0.1:7070, or 127.0.0.1 for any free port.' });
  }
  return { host: groups['v6'] ?? (groups['host'] || otherwise.host), port };
}

export const ANY_LOCAL_PORT: ListenAddress = { host: '127.0.0.1', port: 0 };
