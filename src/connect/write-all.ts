import type { FileHandle } from 'node:fs/promises';

/** Writes the buffers one after the other at the file's position. A system call may take less than it was given. */
export async function writeAll(handle: FileHandle, buffers: readonly Buffer[]): Promise<void> {
  let rest: readonly Buffer[] = buffers.filter((buffer) => buffer.length > 0);
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest);
    rest = behind(rest, bytesWritten);
  }
}

/** What is left of the buffers behind their first `bytes` bytes. */
function behind(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let skip = bytes;
  let index = 0;
  for (let buffer = buffers[0]; buffer !== undefined && skip >= buffer.length; buffer = buffers[++index]) skip -= buffer.length;
  const rest = buffers.slice(index);
  if (rest[0] !== undefined && skip > 0) rest[0] = rest[0].subarray(skip);
  return rest;
}
