/**
 * Where a task's output can go: a lane for each generation of the stage behind, that is the channels to its tasks. There is one,
 * but for the time in which that stage is rescaled.
 *
 * LN1 A SWITCH is chosen behind all that any attempt has routed: when every consumer of the lane has said where it stands, and
 *     none has more than this attempt has made, nor the end, and the attempt lives. Each attempt goes over at its ordinal.
 * LN2 Until it is durable nobody is told of it: the lane that it leaves is ended only then, and to the lane behind it nobody is
 *     connected before all tasks of the one that it leaves have ended.
 * LN3 Whichever of a SWITCH and the real end of the output comes first holds: behind the one there is no end on the lane that it
 *     leaves but the superseded one, behind the other there is no SWITCH.
 * LN4 What goes to a generation that is gone, its tasks have: it is counted and dropped.
 */
import { invariant } from '../base/errors.ts';
import type { ChannelSender } from '../wire/channel-sender.ts';
import type { Lane, LaneMap } from './lane.ts';
import type { OutputPosition } from './output-position.ts';
import { Router } from './router.ts';
import type { SwitchPoint } from './switch-point.ts';

export interface LanesOptions extends Pick<LaneMap, 'makeRouter'> {
  /** Found in the task's journal, behind its checkpoint. */
  readonly switches?: readonly SwitchPoint[];
  /** That the output of that checkpoint goes to. */
  readonly generation?: number | undefined;
}

/** What a task does about a SWITCH. */
export interface SwitchEvents {
  /** What makes the output is at it: nobody looks for another that makes less. */
  ready(): boolean;
  /** Resolves when it is durable. */
  record(point: SwitchPoint): Promise<unknown>;
  recorded(point: SwitchPoint): void;
  failed(error: unknown): void;
}

interface ChosenSwitch extends SwitchPoint {
  durable: boolean;
}

export class Lanes implements LaneMap {
  readonly makeRouter: LanesOptions['makeRouter'];
  #lanes: readonly Lane[] = [];
  /** Generations whose lanes have had their superseded end. */
  readonly #left = new Set<number>();
  readonly #switches: ChosenSwitch[];
  readonly #begunIn: number | undefined;
  #events: SwitchEvents | undefined;
  #router: Router | undefined;
  /** The generation to go over to. */
  #wanted: number | undefined;
  #ended = false;

  constructor({ makeRouter, switches = [], generation }: LanesOptions) {
    this.#begunIn = generation;
    this.makeRouter = makeRouter;
    this.#switches = switches.map((point) => ({ ...point, durable: true }));
  }

  /** Before the first router. */
  attach(events: SwitchEvents): void {
    this.#events = events;
  }

  /** What there is from now on, oldest generation first. */
  set(lanes: readonly Lane[]): void {
    this.#lanes = lanes;
    if (this.#wanted !== undefined && lanes.every(({ generation }) => generation !== this.#wanted)) this.#wanted = undefined;
    this.#router?.lanesChanged();
  }

  get all(): readonly Lane[] {
    return this.#lanes;
  }

  /** Those that have not had their superseded end. */
  get open(): readonly Lane[] {
    return this.#lanes.filter(({ generation }) => !this.#left.has(generation));
  }

  /** Of consumers that are there. */
  get connected(): readonly ChannelSender[] {
    return this.open.filter(({ pending }) => !pending).flatMap(({ senders }) => senders);
  }

  /** Durable or not: an attempt that comes behind goes by them. */
  get switches(): readonly SwitchPoint[] {
    return this.#switches;
  }

  /** Where output that goes to a generation goes over to the next. */
  switchFrom(generation: number): SwitchPoint | undefined {
    return this.#switches.find((point) => point.generation > generation);
  }

  /** That output goes to by now, as far as that is durable. */
  get outGeneration(): number | undefined {
    return this.#switches.findLast(({ durable }) => durable)?.generation ?? this.#begunIn;
  }

  /** A SWITCH is chosen that is not durable yet. */
  get switching(): boolean {
    return this.#switches.some(({ durable }) => !durable);
  }

  /** For a new attempt. */
  router(): Router {
    this.#router = new Router(this);
    return this.#router;
  }

  /** The stage behind is being rescaled, and all its present consumers are to be told. */
  goOver(): void {
    this.#wanted = this.#lanes.at(-1)?.generation;
    this.look();
  }

  /** Something has happened that a SWITCH may have waited for. */
  look(): void {
    const wanted = this.#ended ? undefined : this.#wanted;
    const router = this.#router;
    // LN3: who sees that nobody wants more ends, and what it still puts out counts for nothing.
    if (wanted === undefined || router === undefined || router.finished || router.unwanted || router.generation >= wanted || this.switchFrom(router.generation) !== undefined) return;
    const lane = this.open.find(({ generation }) => generation === router.generation);
    // LN1
    if (lane === undefined || !lane.senders.every(({ stopped, settled }) => stopped || settled) || this.#events?.ready() !== true) return;
    this.#choose({ generation: wanted, ordinal: router.tuples });
    router.passSwitches();
  }

  /** The task has ended here: nothing is recorded any more. */
  end(): void {
    this.#ended = true;
  }

  /** LN2: the router has gone over from lanes that can be ended. */
  leave(): void {
    const router = this.#router;
    if (router === undefined) return;
    for (const { generation } of this.open) {
      const chosen = this.#switches.find((point) => point.generation > generation);
      if (generation >= router.generation || chosen?.durable !== true) continue;
      this.#left.add(generation);
      router.end(generation);
    }
  }

  /** No consumer has anything, of whatever attempt. Undefined as long as one has not said where it stands. */
  get untouched(): boolean | undefined {
    // Those of a generation that is gone had what came before its SWITCH.
    if (this.#switches.some(({ ordinal }) => ordinal > 0)) return false;
    const senders = this.connected;
    if (senders.some(({ stopped, next, endKnown, known }) => stopped || next > 0 || endKnown || known?.stopped === true)) return false;
    return senders.every(({ settled }) => settled) ? true : undefined;
  }

  /** Whether every consumer has acked all output before a position, or wants nothing more. */
  isAcked(output: OutputPosition): boolean {
    return this.#lanes.every(({ generation, senders }) => {
      if (generation > output.generation) return true;
      if (generation < output.generation) return senders.every(({ done }) => done);
      return senders.every((sender, index) => sender.stopped || sender.acked >= (output.channels[index]?.sequence ?? 0));
    });
  }

  /** The position as it is to be recorded: consumers may have wanted no more since it was taken. */
  withStops(output: OutputPosition): OutputPosition {
    const senders = this.#lanes.find(({ generation }) => generation === output.generation)?.senders ?? [];
    return { ...output, channels: output.channels.map((made, index) => ({ ...made, stopped: senders[index]?.stopped ?? made.stopped })) };
  }

  #choose(point: SwitchPoint): void {
    const events = this.#events;
    invariant(events !== undefined, 'LN2: a SWITCH is recorded');
    const chosen: ChosenSwitch = { ...point, durable: false };
    this.#switches.push(chosen);
    events.record(point).then(() => {
      chosen.durable = true;
      events.recorded(point);
      this.leave();
    }).catch((error: unknown) => events.failed(error));
  }
}
