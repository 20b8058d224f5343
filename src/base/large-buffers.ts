import { setFlagsFromString } from 'node:v8';

/** The first V8 that has the flag: Node 24's. */
const MIN_V8_MAJOR = 13;

/**
 * For a process that passes on many large buffers: these are counted with the heap. As it is, V8 marks the whole heap for
 * every 64 MiB of new buffers, which at full speed is ten times a second and a third of a worker's time.
 */
export function expectLargeBuffers(): void {
  if (Number.parseInt(process.versions.v8, 10) >= MIN_V8_MAJOR) setFlagsFromString('--external-memory-accounted-in-global-limit');
}
