import { existsSync } from 'node:fs';

const DESCRIPTOR = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/;
const STANDARD_STREAMS: readonly string[] = ['/dev/stdin', '/dev/stdout', '/dev/stderr'];

/**
 * `/dev/stdin` and the `/dev/fd/63` of a shell's `<(…)` mean something else in every process. On Linux this gives the path
 * by which other processes of the same user, our workers among them, reach what they mean in this one; elsewhere, and for
 * all other paths, the path itself.
 */
export function pathForOthers(path: string): string {
  const descriptor = descriptorOf(path);
  return descriptor === undefined || !existsSync('/proc/self/fd') ? path : `/proc/${process.pid}/fd/${descriptor}`;
}

/** The number of this process's descriptor that the path stands for, or undefined for an ordinary path. */
export function descriptorOf(path: string): number | undefined {
  const standard = STANDARD_STREAMS.indexOf(path);
  if (standard !== -1) return standard;
  const match = DESCRIPTOR.exec(path);
  return match === null ? undefined : Number(match[1]);
}
