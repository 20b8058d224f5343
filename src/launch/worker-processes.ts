/**
 * Workers as children of whoever runs a job.
 *
 * They are started before anything else is loaded here, so that they load at the same time; where the leader listens, and
 * its token, they are told on stdin as soon as it does. For the same reason this file imports next to nothing.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * In MiB: V8's default is 16. What a worker makes at full speed is mostly buffers, small objects whose bytes lie elsewhere and
 * are let go only when the object is collected; young ones are collected when this is full. It takes a third off a worker's
 * memory, and costs nothing that can be measured. V8 takes it only at its start.
 */
const MAX_SEMI_SPACE_MIB = 4;

/** What a worker is told on stdin. */
export interface LeaderWord {
  readonly url: string;
  readonly token: string;
}

export interface WorkerProcess {
  readonly name: string;
  readonly process: ChildProcess;
  /** How it ended, for people. */
  readonly exited: Promise<string>;
}

export function startWorkers(count: number, dataDir: string): WorkerProcess[] {
  return Array.from({ length: count }, (_, index) => startWorker(`w${index + 1}`, dataDir));
}

/** In a group of its own, so that Ctrl-C in the terminal reaches the command alone, which then ends things in order. */
export function startWorker(name: string, dataDir: string): WorkerProcess {
  // The sources run as they are, too.
  const main = fileURLToPath(new URL(`../cli/main${extname(import.meta.url)}`, import.meta.url));
  const args = [`--max-semi-space-size=${MAX_SEMI_SPACE_MIB}`, main, 'worker', '--leader', '-', '--name', name, '--data-dir', dataDir];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once('exit', (status, signal) => resolve(signal === null ? `exited with status ${status}` : `died of ${signal}`));
  child.once('error', (error) => resolve(`could not be started: ${error.message}`));
  // One that has died already needs no word; its exit tells.
  child.stdin.on('error', () => undefined);
  return { name, process: child, exited: promise };
}

export function tellLeader(worker: WorkerProcess, word: LeaderWord): void {
  worker.process.stdin?.end(`${JSON.stringify(word)}\n`);
}
