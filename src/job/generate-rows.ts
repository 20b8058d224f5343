/** Rows of a made-up bike-sharing scheme, for examples and benchmarks. */
import { Random } from '../base/random.ts';

/** What one chunk of rows is filled to. */
const CHUNK_BYTES = 64 * 1024;

const HEADER = 'trip,started,station,zone,bike,minutes,km,fare,status\n';

/** A value and how often it comes, relative to the others. */
type Weighted = readonly (readonly [value: string, weight: number])[];

/** Skewed, as real keys are: the first zone has about thirty times the trips of the last. */
const ZONES: Weighted = [
  ['Old Town', 310], ['Harbour', 220], ['University', 150], ['Station Quarter', 100], ['Riverside', 70], ['Northgate', 45],
  ['Mill Hill', 32], ['Hospital', 24], ['Fairground', 18], ['Westfield', 13], ['Airport', 10], ['Greenbelt', 8],
];

/** As they stand in the file: names with commas or quotes make about a fifth of the rows quoted. */
const STATIONS: Weighted = [
  ['Market Cross', 14], ['Castle Steps', 12], ['Quay 4', 12], ['Library', 11], ['Tannery Row', 10], ['Lock Bridge', 9],
  ['12" Main Depot', 5], ['Café Löwe', 5], ['"Mill Lane, north side"', 8], ['"Mill Lane, south side"', 6],
  ['"The ""Anchor"""', 5], ['"Gate 7, ""Blue"" car park"', 3],
];

const BIKES: Weighted = [['classic', 60], ['electric', 34], ['cargo', 6]];
const STATUSES: Weighted = [['completed', 90], ['cancelled', 6], ['overdue', 3], ['lost', 1]];

/** Hundredths of the currency: to unlock a bike, and for each minute. */
const UNLOCK_FARE: Readonly<Record<string, number>> = { classic: 100, electric: 150, cargo: 250 };
const MINUTE_FARE: Readonly<Record<string, number>> = { classic: 8, electric: 19, cargo: 24 };

const FIRST_START_MS = Date.UTC(2025, 2, 1);
/** Mean 4 s between two trips, so that a million rows are six weeks. */
const MAX_GAP_MS = 8_000;

/**
 * CSV in chunks of about 64 KiB, each of whole rows: a header row and `count` rows of nine columns, about 80 bytes each.
 * `count`: 0 or more. `seed`: any safe integer; the same seed gives the same bytes.
 */
export function* generateRows(count: number, seed: number): Generator<Buffer, void, undefined> {
  const random = new Random(seed);
  const zones = table(ZONES);
  const stations = table(STATIONS);
  const bikes = table(BIKES);
  const statuses = table(STATUSES);
  let startMs = FIRST_START_MS;
  let rows = HEADER;
  for (let trip = 1; trip <= count; trip++) {
    startMs += random.below(MAX_GAP_MS);
    const bike = pick(bikes, random);
    // The smaller of two draws: short trips are the common ones.
    const minutes = 1 + Math.min(random.below(90), random.below(90));
    const metres10 = minutes * (12 + random.below(16));
    const fare = (UNLOCK_FARE[bike] ?? 0) + minutes * (MINUTE_FARE[bike] ?? 0);
    rows += `${trip},${timestamp(startMs)},${pick(stations, random)},${pick(zones, random)},${bike},${minutes},${hundredths(metres10)},${hundredths(fare)},${pick(statuses, random)}\n`;
    if (rows.length >= CHUNK_BYTES) {
      yield Buffer.from(rows);
      rows = '';
    }
  }
  if (rows !== '') yield Buffer.from(rows);
}

/** Each value as many times as its weight says, so that a draw is one look-up. */
function table(weighted: Weighted): readonly string[] {
  return weighted.flatMap(([value, weight]) => Array.from({ length: weight }, () => value));
}

function pick(values: readonly string[], random: Random): string {
  return values[random.below(values.length)] ?? '';
}

function timestamp(ms: number): string {
  const iso = new Date(ms).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}`;
}

function hundredths(value: number): string {
  const rest = value % 100;
  return `${(value - rest) / 100}.${rest < 10 ? '0' : ''}${rest}`;
}
