/**
 * Where a source task stands, written down now and then, so that a next attempt need not read everything again.
 *
 * Y1 A position is recorded only when every consumer has acked all that was read before it, or wants nothing more.
 * Y2 Only the last one matters; those before are let go, and with them what the source keeps in the same log, as far as it
 *    is not needed to go on from there. So is no SWITCH that lies behind its output.
 */
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { RainstormError } from '../base/errors.ts';
import type { SourcePosition } from '../connect/source.ts';
import { FIRST_GENERATION } from '../job/task-id.ts';
import type { Log } from '../log/log.ts';
import type { Lanes } from './lanes.ts';
import type { OutputPosition } from './output-position.ts';
import { decodeSwitch, encodeSwitch, type SwitchPoint } from './switch-point.ts';

/** What is read in so much time is read again in less, and a record a second costs nothing. */
const INTERVAL_MS = 1_000;

const TYPE = { position: 9, switch: 12 } as const;

const whole = z.int().min(0);

const checkpoint = z.object({
  source: z.object({
    file: whole,
    offsetBytes: whole,
    line: z.int(),
    identity: z.object({ device: z.number(), inode: z.number(), bytes: whole, modifiedMs: z.number() }).optional(),
    header: z.string().optional(),
  }),
  output: z.object({ tuples: whole, offsetBytes: whole, generation: whole, channels: z.array(z.object({ sequence: whole, digest: whole, stopped: z.boolean() })) }),
});

export interface SourceCheckpoint {
  readonly source: SourcePosition;
  readonly output: OutputPosition;
}

export interface SourceCheckpointsOptions {
  readonly lanes: Lanes;
  readonly clock: Clock;
  readonly failed: (error: unknown) => void;
}

/** Gives the first position of the log that a source still needs which is to go on at an offset. */
export type FirstNeeded = (offsetBytes: number) => number;

export class SourceCheckpoints {
  readonly #log: Log;
  readonly #firstNeeded: FirstNeeded;
  readonly #intervalMs: number;
  #options: SourceCheckpointsOptions | undefined;
  #pending: SourceCheckpoint | undefined;
  #recording: Promise<void> | undefined;
  #lastAt = 0;
  /** Journal positions of the SWITCHes, by the generation that they lead to. */
  readonly #switches = new Map<number, number>();

  /** `firstNeeded`: where the log is the source's journal as well. `intervalMs`: between two records, at least. */
  constructor(log: Log, firstNeeded: FirstNeeded = () => Infinity, intervalMs = INTERVAL_MS) {
    this.#log = log;
    this.#firstNeeded = firstNeeded;
    this.#intervalMs = intervalMs;
  }

  /** Undefined where none was recorded. Throws LOG_CORRUPT. */
  async last(): Promise<SourceCheckpoint | undefined> {
    let last: Buffer | undefined;
    for await (const { type, payload } of this.#log.read(this.#log.first)) if (type === TYPE.position) last = payload;
    if (last === undefined) return undefined;
    const parsed = checkpoint.safeParse(JSON.parse(last.toString()));
    if (!parsed.success) throw new RainstormError('LOG_CORRUPT', `the log ${this.#log.name} holds something else than positions of a source`);
    const { source, output } = parsed.data;
    return { source: { ...source, identity: source.identity, header: source.header }, output };
  }

  /** The SWITCHes behind a checkpoint's output, or since the beginning. Throws LOG_CORRUPT. */
  async switchesBehind(last: SourceCheckpoint | undefined): Promise<SwitchPoint[]> {
    const points: SwitchPoint[] = [];
    for await (const { position, type, payload } of this.#log.read(this.#log.first)) {
      if (type !== TYPE.switch) continue;
      const point = decodeSwitch(payload);
      this.#switches.set(point.generation, position);
      if (point.generation > (last?.output.generation ?? FIRST_GENERATION)) points.push(point);
    }
    return points;
  }

  /** Resolves when it is durable. Rejects with STORE_FULL, STORE_FAILED or LOG_FENCED. */
  async recordSwitch(point: SwitchPoint): Promise<void> {
    // What is cut meanwhile leaves it.
    this.#switches.set(point.generation, this.#log.next);
    await this.#log.append(TYPE.switch, [encodeSwitch(point)]);
  }

  /** Before the first `offer`. */
  begin(options: SourceCheckpointsOptions): void {
    this.#options = options;
    this.#lastAt = options.clock.now();
  }

  /** The source has come to a place between two blocks; `where` says which, and is asked only if a record is due. */
  offer(where: () => SourceCheckpoint | undefined): void {
    const options = this.#options;
    if (options === undefined || this.#pending !== undefined || this.#recording !== undefined || options.clock.now() - this.#lastAt < this.#intervalMs) return;
    this.#lastAt = options.clock.now();
    this.#pending = where();
    this.acked();
  }

  /** Consumers have acked something, or want nothing more. */
  acked(): void {
    const pending = this.#pending;
    const options = this.#options;
    if (pending === undefined || options === undefined || !options.lanes.isAcked(pending.output)) return;
    this.#pending = undefined;
    this.#recording = this.#record({ ...pending, output: options.lanes.withStops(pending.output) }).catch(options.failed).finally(() => {
      this.#recording = undefined;
    });
  }

  /** What is acked from here on is another attempt's to record. */
  async close(): Promise<void> {
    this.#options = undefined;
    await this.#recording;
    await this.#log.close();
  }

  /** Y1, Y2 */
  async #record({ source, output }: SourceCheckpoint): Promise<void> {
    const position = await this.#log.append(TYPE.position, [Buffer.from(JSON.stringify({ source, output }))]);
    const switches = [...this.#switches].filter(([generation]) => generation > output.generation);
    await this.#log.cut(Math.min(position, this.#firstNeeded(source.offsetBytes), ...switches.map(([, at]) => at)));
  }
}
