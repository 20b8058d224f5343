import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Output } from '../../src/kit/output.ts';
import type { BlockOperator } from '../../src/kit/block-operator.ts';
import { BlockSplitter } from '../../src/job/block-splitter.ts';
import type { Format } from '../../src/job/stage-spec.ts';

export interface Finished {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export function startOperator(name: string, ...args: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [fileURLToPath(new URL(`../../operators/${name}.ts`, import.meta.url)), ...args]);
}

/** Runs an operator as its own process on this input. */
export async function finishOperator(name: string, args: readonly string[], input: string | Buffer): Promise<Finished> {
  const child = startOperator(name, ...args);
  // One that refuses its arguments does not read, and then the pipe breaks.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, status] = await Promise.all([buffer(child.stdout), text(child.stderr), closed]);
  return { status, stdout, stderr };
}

/** What a successful run of an operator's process puts out. */
export async function outputOf(name: string, args: readonly string[], input: string | Buffer): Promise<string> {
  const { status, stdout, stderr } = await finishOperator(name, args, input);
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
  return stdout.toString('latin1');
}

/** What an operator makes of a stream that comes in these chunks, without a process. */
export function applyTo(operator: BlockOperator, format: Format, chunks: readonly Buffer[]): Buffer {
  const splitter = new BlockSplitter({ format, maxTupleBytes: 1_000_000, where: 'test' });
  const output = new Output();
  const pieces: Buffer[] = [];
  for (const block of [...chunks.map((chunk) => splitter.push(chunk)), splitter.end()]) {
    if (block !== undefined) operator.take(block, output, 1);
    pieces.push(output.take());
  }
  for (const _ of operator.finish?.(output) ?? []) pieces.push(output.take());
  return Buffer.concat([...pieces, output.take()]);
}
