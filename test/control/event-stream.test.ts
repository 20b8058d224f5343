import { Readable } from 'node:stream';
import { array, assert, asyncProperty, nat } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJobEvents } from '../../src/control/event-stream.ts';
import type { JobEvent } from '../../src/control/job-event.ts';

async function eventsOf(pieces: readonly (string | Uint8Array)[]): Promise<JobEvent[]> {
  const events: JobEvent[] = [];
  for await (const event of readJobEvents(Readable.from(pieces.map((piece) => Buffer.from(piece as string))))) events.push(event);
  return events;
}

const ADVICE: JobEvent = { event: 'advice', data: { stage: 2, text: 'zwölf tasks' } };
const LOST: JobEvent = { event: 'lost', data: { events: 3 } };

function written({ event, data }: JobEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

describe('server-sent events', () => {
  test('come out as they went in, in whatever pieces', async () => {
    const bytes = Buffer.from([ADVICE, LOST, ADVICE].map(written).join(''));
    await assert(asyncProperty(array(nat(bytes.length), { maxLength: 6 }), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      expect(await eventsOf(pieces)).toEqual([ADVICE, LOST, ADVICE]);
    }), { numRuns: 50 });
  });

  test.each(['\u2028', '\u2029', '\u0085', '\r', '\n\n'])('come out whole with %j in a text', async (separator) => {
    const event: JobEvent = { event: 'advice', data: { stage: 2, text: `of${separator}advice` } };
    expect(await eventsOf([written(event)])).toEqual([event]);
  });

  test('that only a newer leader knows are left out', async () => {
    expect(await eventsOf(['event: tomorrow\ndata: {}\n\n', written(LOST)])).toEqual([LOST]);
  });

  test('that end in the middle of one give those before', async () => {
    expect(await eventsOf([written(LOST), 'event: lost\ndata: {"ev'])).toEqual([LOST]);
  });

  test.each(['event: lost\ndata: {"events":"many"}\n\n', 'event: lost\ndata: {\n\n', 'event: lost\n\n'])('that cannot be read are an error: %j', async (text) => {
    await expect(eventsOf([text])).rejects.toMatchObject({ code: 'PROTOCOL' });
  });
});
