import { RainstormError } from '../base/errors.ts';
import type { StagePlan } from '../job/plan.ts';
import { describeExit, type MemberExit } from './exit-verdict.ts';
import { decideRestart, type RestartDecision } from './restart-policy.ts';

/** More than the pipe and the buffers before it hold: who was fed so much more than any attempt before has got further. */
const PROGRESS_BYTES = 256 * 1024;

/** How far an attempt has come. */
interface Progress {
  /** Fed since the beginning of the job, replayed input included. */
  readonly inputBytes: number;
  /** Journal position of the last checkpoint: who made one has done with everything before. */
  readonly checkpoint: number;
}

/** The crashes of one task's operator: which of them were steps forward, and whether there should be another attempt. */
export class CrashRecord {
  #best: Progress = { inputBytes: 0, checkpoint: 0 };
  #withoutProgress = 0;
  #requested = false;
  readonly #maxRestarts: number | undefined;

  /** `maxRestarts`: what the stage says. */
  constructor(maxRestarts?: number) {
    this.#maxRestarts = maxRestarts;
  }

  /** The next death by SIGKILL says nothing of the operator. Where it is never to be started again, that holds all the same. */
  killedOnRequest(): void {
    this.#requested = true;
  }

  /** What it died of is left out from now on. */
  leftOut(): void {
    this.#withoutProgress = 0;
  }

  /** Takes how an attempt crashed and how far it had come. */
  crashed(exit: MemberExit, { inputBytes, checkpoint }: Progress): RestartDecision {
    const wasRequested = this.#requested && exit.signal === 'SIGKILL';
    this.#requested = false;
    if (wasRequested && this.#maxRestarts !== 0) return { kind: 'restart', afterMs: 0 };
    const progressed = inputBytes > this.#best.inputBytes + PROGRESS_BYTES || checkpoint > this.#best.checkpoint;
    this.#best = { inputBytes: Math.max(this.#best.inputBytes, inputBytes), checkpoint };
    this.#withoutProgress = progressed ? 1 : this.#withoutProgress + 1;
    // A command that cannot even be started will not do better the next time.
    if (exit.spawnError !== undefined) return { kind: 'give-up' };
    return decideRestart({ withoutProgress: this.#withoutProgress, bySigkill: exit.signal === 'SIGKILL' && exit.stalledMs === undefined }, this.#maxRestarts);
  }

  /** Why the job fails. `early`: the operator exited before its input ended. */
  error(title: string, stage: StagePlan, exit: MemberExit, early: boolean): RainstormError {
    const what = `${title}: \`${exit.command}\` ${describeExit(exit)}`;
    const times = this.#withoutProgress > 1 ? `, ${this.#withoutProgress} times without getting further` : '';
    const when = early && exit.signal === undefined && exit.spawnError === undefined ? ' before its input ended' : '';
    // An operator of ours says itself what is wrong, and a status of it other than 0 is never anything but a failure.
    const mayBeAllowed = exit.status !== undefined && stage.program.kind !== 'operators';
    const hint = mayBeAllowed ? { hint: `If that status is no failure, allow it: ${okExit(stage, exit.status)}` } : {};
    return new RainstormError('OPERATOR_FAILED', `${what}${when}${times}`, hint);
  }
}

/** The flag that allows a status, with the number that the user's stage has. */
function okExit({ number, asked = number, first }: StagePlan, status: number | undefined): string {
  return first === undefined ? `--ok-exit ${asked}=${status}` : `--ok-exit N=${status}, where N is the stage that it belongs to, ${first} to ${asked}`;
}
