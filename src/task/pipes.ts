/**
 * Real pipes for operators.
 *
 * Node gives child processes Unix sockets for stdin and stdout. Programs notice: `cat /dev/stdin` and `tee /dev/stderr`
 * fail with ENXIO, and a writer into a closed one gets ECONNRESET instead of dying of SIGPIPE. Node cannot make a pipe,
 * but it can open a named one: make it, open both ends, unlink it, and what is left is an ordinary pipe, but for what
 * `LateOpeners` makes up for.
 */
import { closeSync, constants, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { RainstormError } from '../base/errors.ts';
import { reasonOf } from '../base/system-reason.ts';
import { makeNamedPipes } from './named-pipes.ts';
import { openInode, OPENS_BY_INODE, pathOfInode, takeReadyPipes } from './ready-pipes.ts';

/** File descriptors of this process; whoever takes one closes it. */
export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
  /** Of the pipe itself and neither end of it, for `LateOpeners`; only of pipes that an operator reads, and only on Linux. */
  readonly inode: number | undefined;
}

/** Who uses the ends: our event loop's end must not block, an operator's must. */
export type PipeUse = 'to-operator' | 'from-operator' | 'between-operators';

const NONBLOCKING_END = { 'to-operator': 'write', 'from-operator': 'read', 'between-operators': 'none' } as const;

interface Request {
  readonly uses: readonly PipeUse[];
  readonly resolve: (pipes: Pipe[]) => void;
  readonly reject: (error: unknown) => void;
}

let waiting: Request[] = [];

/**
 * Makes one pipe for each use asked for. Throws OPERATOR_FAILED with what `mkfifo` or opening failed with, for instance EMFILE.
 * What is asked for in one turn of the event loop is made by one `mkfifo`, since a stage may start hundreds of tasks.
 */
export function makePipes(uses: readonly PipeUse[]): Promise<Pipe[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Pipe[]>();
  if (waiting.length === 0) setImmediate(() => void serveWaiting());
  waiting.push({ uses, resolve, reject });
  return promise;
}

async function serveWaiting(): Promise<void> {
  const requests = waiting;
  waiting = [];
  try {
    const pipes = await makeAll(requests.flatMap((request) => request.uses));
    for (const request of requests) request.resolve(pipes.splice(0, request.uses.length));
  } catch (error) {
    const failed = new RainstormError('OPERATOR_FAILED', `no pipes for operators can be made in ${tmpdir()}: ${reasonOf(error)}`, {
      hint: 'Look at the limit of open files (ulimit -n), or choose another folder for temporary files: TMPDIR.',
      cause: error,
    });
    for (const request of requests) request.reject(failed);
  }
}

async function makeAll(uses: readonly PipeUse[]): Promise<Pipe[]> {
  const ready = takeReadyPipes(uses.length);
  const opened: Pipe[] = [];
  try {
    for (const inode of ready) opened.push(openReady(inode, uses[opened.length] as PipeUse));
    const left = uses.slice(opened.length);
    if (left.length > 0) await makeNamedPipes(left.length, (path, index) => opened.push(openBoth(path, left[index] as PipeUse)));
    return opened;
  } catch (error) {
    for (const pipe of opened) closePipe(pipe);
    for (const inode of ready.slice(opened.length)) closeSync(inode);
    throw error;
  }
}

function openReady(inode: number, use: PipeUse): Pipe {
  const pipe = openBoth(pathOfInode(inode), use);
  closeSync(inode);
  return pipe;
}

export function closePipe(pipe: Pipe): void {
  closeSync(pipe.readFd);
  closeSync(pipe.writeFd);
  if (pipe.inode !== undefined) closeSync(pipe.inode);
}

/** Opening an end of a named pipe waits for the other end, so a reader that does not wait comes first and leaves last. */
function openBoth(path: string, use: PipeUse): Pipe {
  const nonblocking = NONBLOCKING_END[use];
  const opened: number[] = [];
  const open = (flags: number) => {
    const fd = openSync(path, flags);
    opened.push(fd);
    return fd;
  };
  const helper = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const writeFd = open(constants.O_WRONLY | (nonblocking === 'write' ? constants.O_NONBLOCK : 0));
    const readFd = open(constants.O_RDONLY | (nonblocking === 'read' ? constants.O_NONBLOCK : 0));
    const inode = use !== 'from-operator' && OPENS_BY_INODE ? openInode(path) : undefined;
    return { readFd, writeFd, inode };
  } catch (error) {
    for (const fd of opened) closeSync(fd);
    throw error;
  } finally {
    closeSync(helper);
  }
}
