import type { Clock } from '../base/clock.ts';
import type { OperatorAttempt } from './operator-attempt.ts';

/** How long an operator whose output nobody wants may take to notice its closed pipes before it is killed. */
const UNWANTED_GRACE_MS = 2_000;

/** Nobody wants an attempt's output: its pipes are closed. `gone`: nothing of it is left. */
export function letGo(attempt: OperatorAttempt, clock: Clock, gone: Promise<void>): void {
  attempt.letGo();
  const timer = new AbortController();
  void clock.wait(UNWANTED_GRACE_MS, timer.signal).then(() => {
    if (!timer.signal.aborted) attempt.signal('SIGKILL');
  });
  void gone.then(() => timer.abort());
}
