/** Where a process spent its time, by a profile as `node --cpu-prof` writes it. */
import { basename } from 'node:path';
import { z } from 'zod';

const PROFILE = z.object({
  nodes: z.array(z.object({ id: z.int(), callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.int() }) })),
  samples: z.array(z.int()),
  /** Microseconds before each sample. */
  timeDeltas: z.array(z.number()),
});

export type Profile = z.infer<typeof PROFILE>;

export interface SelfTime {
  /** The function and where it begins; V8's own in brackets: `(idle)`, `(garbage collector)`, `(program)`. */
  readonly place: string;
  /** Spent in it, less what it called. */
  readonly ms: number;
}

/** Throws when the text is no profile. */
export function parseProfile(text: string): Profile {
  return PROFILE.parse(JSON.parse(text));
}

/** Of each function, the greatest first. */
export function selfTimes({ nodes, samples, timeDeltas }: Profile): SelfTime[] {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const micros = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id);
    if (place === undefined) throw new Error(`sample ${index} is of node ${id}, which the profile does not have`);
    micros.set(place, (micros.get(place) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return [...micros].map(([place, us]) => ({ place, ms: us / 1000 })).toSorted((a, b) => b.ms - a.ms);
}

/** The operator that it is of: the name of the first file of ours in it. Undefined for what is none. */
export function operatorOf({ nodes }: Profile): string | undefined {
  const file = nodes.map(({ callFrame }) => callFrame.url).find((url) => url.includes('/dist/operators/'));
  return file === undefined ? undefined : basename(file, '.js');
}

function placeOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  // Lines are counted from 0 in a profile.
  return url === '' ? name : `${name} ${basename(url)}:${lineNumber + 1}`;
}
