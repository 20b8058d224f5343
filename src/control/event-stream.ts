/** Server-sent events as bytes, back into events. */
import { RainstormError } from '../base/errors.ts';
import { jobEvent, type JobEvent } from './job-event.ts';

/** One that tells the rates of a thousand tasks has some hundred kilobytes. */
const MAX_EVENT_CHARACTERS = 16 * 1024 * 1024;

const KNOWN: ReadonlySet<string> = new Set(jobEvent.options.map(({ shape }) => shape.event.value));

/** The job's events as they come. Events that only a newer leader knows are left out. Throws PROTOCOL for what is none. */
export async function* readJobEvents(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<JobEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of bytes) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    if (text.length > MAX_EVENT_CHARACTERS) throw new RainstormError('PROTOCOL', `the leader sent an event of more than ${MAX_EVENT_CHARACTERS} characters`);
    for (const block of blocks) {
      const event = toEvent(block);
      if (event !== undefined) yield event;
    }
  }
}

function toEvent(block: string): JobEvent | undefined {
  // By newlines alone: a line separator of Unicode, as it may be in the name of a file, is part of the line.
  const lines = block.split('\n');
  const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const event = field('event');
  if (event === undefined || !KNOWN.has(event)) return undefined;
  try {
    return jobEvent.parse({ event, data: JSON.parse(field('data') ?? '') });
  } catch (cause) {
    throw new RainstormError('PROTOCOL', `the leader sent an event ${event} that cannot be read`, { cause });
  }
}
