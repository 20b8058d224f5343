/** What `--rate` asks for: one rate, or several from different times on. */
import { RainstormError } from '../base/errors.ts';
import { durationMs } from './duration.ts';
import { MAX_RATE_STEP_MS, MAX_RATE_STEPS, type RateStep } from './rate-schedule.ts';

const HINT = 'As --rate takes it: 1000 tuples a second, or 100,20s:1000,40s:100, which is 100 from the start, 1000 from 20 s after it and 100 from 40 s on.';

/** Reads `1000` or `100,20s:1000,40s:100`: a rate from the start, and others from later times on, of which the last is above 0. Throws USAGE. */
export function parseRate(text: string): readonly RateStep[] {
  if (text.trim() === '') throw mistake('it is not said how many tuples a second');
  const [first = '', ...later] = text.split(',').map((part) => part.trim());
  if (later.length === 0 && !first.includes(':')) return [{ fromMs: 0, tuplesPerSecond: parseAboveNothing(first) }];
  if (later.length >= MAX_RATE_STEPS) throw mistake(`the rate has ${later.length + 1} steps`, `It may have ${MAX_RATE_STEPS}.`);
  const steps = [parseFirst(first), ...later.map(parseLater)];
  for (const [index, step] of later.entries()) checkOrder(step, steps[index + 1]?.fromMs ?? 0, steps[index]?.fromMs ?? 0);
  if (steps.at(-1)?.tuplesPerSecond === 0) throw mistake(`"${later.at(-1)}" is a pause that would never end`, 'The last step is above 0, as in 100,20s:0,30s:100, a pause of 10 s.');
  return steps;
}

function parseFirst(text: string): RateStep {
  const colon = text.indexOf(':');
  if (colon === -1) return { fromMs: 0, tuplesPerSecond: parseNumber(text) };
  const rate = text.slice(colon + 1).trim();
  throw mistake(`"${text}" is the first step, which holds from the start and has no time`, `Write ${rate} for it, or 0,${text} to wait until then.`);
}

function parseLater(text: string): RateStep {
  const colon = text.indexOf(':');
  if (colon === -1) throw mistake(`"${text}" does not say from when on`, `${HINT} A number is written without commas.`);
  return { fromMs: parseTime(text.slice(0, colon).trim()), tuplesPerSecond: parseNumber(text.slice(colon + 1).trim()) };
}

function parseTime(text: string): number {
  const [, amount = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text) ?? [];
  const ms = durationMs(amount, unit);
  if (ms === undefined) throw mistake(`"${text}" is no time`, 'A time since the start is given in ms, s, min or h, as in 500ms or 20s.');
  if (ms > MAX_RATE_STEP_MS) throw mistake(`${text} is too late for a step of a rate`, `It is ${MAX_RATE_STEP_MS / 3_600_000}h at most.`);
  return ms;
}

function parseNumber(text: string): number {
  const value = Number(text);
  if (text !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw mistake(`"${text}" is no number of tuples per second`);
}

/** A rate that holds all the time cannot be a pause. */
function parseAboveNothing(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw mistake(`"${text}" is no number of tuples per second above 0`);
}

function checkOrder(text: string, fromMs: number, beforeMs: number): void {
  if (fromMs > beforeMs) return;
  const before = beforeMs === 0 ? 'which holds from the start' : `which holds from ${beforeMs / 1000} s on`;
  throw mistake(`"${text}" is not later than the step before it, ${before}`, 'Times count from the start, and each is later than the one before.');
}

function mistake(message: string, hint: string = HINT): RainstormError {
  return new RainstormError('USAGE', message, { hint });
}
