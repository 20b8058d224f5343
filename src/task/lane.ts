import type { ChannelSender } from '../wire/channel-sender.ts';
import type { LaneRouter } from './lane-router.ts';
import type { SwitchPoint } from './switch-point.ts';

/** The channels to one generation of the stage behind. */
export interface Lane {
  readonly generation: number;
  /** One for each task, in the order of their indices. */
  readonly senders: readonly ChannelSender[];
  /** Its tasks are not there yet: nobody is connected. */
  readonly pending: boolean;
}

/** What a router asks where output can go, and tells how far it has come. */
export interface LaneMap {
  readonly makeRouter: (senders: readonly ChannelSender[]) => LaneRouter;
  /** What there is, oldest generation first. */
  readonly all: readonly Lane[];
  /** Those that have not had their superseded end. */
  readonly open: readonly Lane[];
  /** Where output that goes to a generation goes over to the next. */
  switchFrom(generation: number): SwitchPoint | undefined;
  /** A tuple was routed: a SWITCH may be possible. */
  look(): void;
  /** The router has gone over. */
  leave(): void;
}
