/**
 * Hands one attempt's output on, to one generation of the stage behind after the other (lanes.ts): up to a SWITCH to the one,
 * from there on to the next. Which generation a tuple goes to depends on its ordinal and the recorded SWITCHes alone.
 */
import type { Block } from '../job/block.ts';
import { invariant } from '../base/errors.ts';
import type { HeavyHitter } from '../job/heavy-hitters.ts';
import { sliceBlock } from '../job/slice-block.ts';
import { FIRST_GENERATION } from '../job/task-id.ts';
import { diverged } from '../wire/diverged.ts';
import type { Lane, LaneMap } from './lane.ts';
import type { LaneRouter } from './lane-router.ts';
import type { OutputPosition } from './output-position.ts';

export class Router {
  readonly #lanes: LaneMap;
  readonly #routers = new Map<number, LaneRouter>();
  #generation = FIRST_GENERATION;
  #tuples = 0;
  #offsetBytes = 0;
  #finished = false;

  constructor(lanes: LaneMap) {
    this.#lanes = lanes;
    for (const lane of lanes.open) this.#add(lane);
  }

  /** Of the stage behind, that the next tuple goes to. */
  get generation(): number {
    return this.#generation;
  }

  /** Tuples routed so far. */
  get tuples(): number {
    return this.#tuples;
  }

  get full(): boolean {
    return this.#lane?.full === true;
  }

  /** Every consumer has said that it wants no more, and no others follow. */
  get unwanted(): boolean {
    return this.#lane?.unwanted === true && this.#lanes.switchFrom(this.#generation) === undefined;
  }

  /** The keys that most tuples had, where consumers are chosen by key. */
  get hotKeys(): HeavyHitter[] {
    return this.#lane?.hotKeys ?? [];
  }

  /** All output has come. */
  get finished(): boolean {
    return this.#finished;
  }

  /** And is acked, with the ends of the channels. Nobody acks what a generation would get that is not there yet. */
  get done(): boolean {
    return this.#finished && this.#lanes.all.every((lane) => (lane.pending && lane.generation > this.#generation) || lane.senders.every((sender) => sender.done));
  }

  /** What is routed now was routed by an attempt before, as far as the consumers have said. */
  get remaking(): boolean {
    return this.#lane?.remaking ?? true;
  }

  /** Of all that was routed; what was held back for fuller frames is sent. */
  get position(): OutputPosition {
    return { tuples: this.#tuples, offsetBytes: this.#offsetBytes, generation: this.#generation, channels: this.#lane?.made ?? [] };
  }

  /** A new attempt routes everything behind `from` again, or everything. Throws DIVERGED. */
  restart(from: OutputPosition | undefined): void {
    this.#generation = from?.generation ?? FIRST_GENERATION;
    this.#tuples = from?.tuples ?? 0;
    this.#offsetBytes = from?.offsetBytes ?? 0;
    for (const [generation, router] of this.#routers) {
      if (generation >= this.#generation) router.restart(generation === this.#generation ? from?.channels : undefined);
    }
    this.passSwitches();
    // It may begin behind a SWITCH.
    this.#lanes.leave();
  }

  route(block: Block): void {
    let rest = block;
    for (;;) {
      const before = this.#untilSwitch;
      if (rest.count <= before) break;
      invariant(rest.range === undefined, 'FR1: no generation gets half a range');
      this.#hand(sliceBlock(rest, 0, before));
      rest = sliceBlock(rest, before, rest.count);
      this.passSwitches();
    }
    if (rest.count > 0) this.#hand(rest);
    this.passSwitches();
    this.#lanes.look();
  }

  /** Sends what was held back for fuller frames. */
  flush(): void {
    this.#lane?.flush();
  }

  /** Sends what was held back for fuller frames on channels that have nothing under way any more. */
  flushIdle(): void {
    this.#lane?.flushIdle();
  }

  /** Throws DIVERGED. */
  finish(): void {
    if (this.#finished) return;
    const ahead = this.#lanes.switchFrom(this.#generation);
    if (ahead !== undefined) throw diverged(`it ended after ${this.#tuples} tuples, but ${ahead.ordinal} were there before`);
    this.#finished = true;
    for (const generation of this.#routers.keys()) this.#finishLane(generation);
  }

  /** Goes over to the next generation where that is due. */
  passSwitches(): void {
    if (this.#untilSwitch > 0) return;
    while (this.#untilSwitch === 0) {
      this.flush();
      this.#generation = this.#lanes.switchFrom(this.#generation)?.generation ?? this.#generation;
    }
    invariant(this.#untilSwitch > 0, 'LN1: a SWITCH lies behind all that was routed');
    this.#lanes.leave();
  }

  /** A lane that was left has its superseded end. */
  end(generation: number): void {
    this.#routers.get(generation)?.finish(true);
    this.#routers.delete(generation);
  }

  /** What there is has changed. */
  lanesChanged(): void {
    const open = this.#lanes.open;
    for (const generation of this.#routers.keys()) if (!open.some((lane) => lane.generation === generation)) this.#routers.delete(generation);
    for (const lane of open) if (!this.#routers.has(lane.generation)) this.#add(lane);
  }

  /** Undefined where its generation is gone (LN4). */
  get #lane(): LaneRouter | undefined {
    return this.#routers.get(this.#generation);
  }

  get #untilSwitch(): number {
    return (this.#lanes.switchFrom(this.#generation)?.ordinal ?? Infinity) - this.#tuples;
  }

  #hand(block: Block): void {
    this.#lane?.route(block, this.#offsetBytes);
    this.#offsetBytes += block.bytes.length;
    this.#tuples += block.count;
  }

  #add({ generation, senders }: Lane): void {
    this.#routers.set(generation, this.#lanes.makeRouter(senders));
    if (this.#finished) this.#finishLane(generation);
  }

  /** Generations before had all that they get. */
  #finishLane(generation: number): void {
    if (generation >= this.#generation) this.#routers.get(generation)?.finish(false);
  }
}
