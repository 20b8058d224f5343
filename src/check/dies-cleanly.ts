/**
 * Does it die cleanly? Each of its processes is killed in turn, in the middle of the input: what is printed must be part of
 * what an undisturbed run prints, not what an end of input that is none would trigger, and nothing may live on.
 */
import { systemClock } from '../base/clock.ts';
import { errnoOf } from '../base/errors.ts';
import { exampleOf } from './difference.ts';
import type { Finding } from './finding.ts';
import { findLeftBehind, killLeftBehind } from './left-behind.ts';
import type { Reference } from './reference.ts';
import type { TrialEnd } from './trial.ts';
import type { Trials } from './trials.ts';

/** It gets this long to read what it was fed, unless it prints before. */
const READING_MS = 100;

/** A killed process is gone at once, but on a busy machine. */
const DYING_LIMIT_MS = 2_000;

const CHECK = 'dies-cleanly';

/** `reference`: of a sample that the program did not fail on. Runs while nothing else of the program does. */
export async function checkDiesCleanly(trials: Trials, { sample, end }: Reference): Promise<Finding> {
  const half = sample.tuples.slice(0, Math.ceil(sample.tuples.length / 2));
  const { members, stage } = trials.subject;
  for (const [index, member] of members.entries()) {
    const { died, left } = await killInTheMiddle(trials, half, index);
    if (left > 0) return { check: CHECK, verdict: 'no', why: `processes that it starts leave its group and live on without it (${left} did)` };
    if (!isPartOf(end, died)) {
      const example = exampleOf({ how: `\`${member.shown}\` killed after these`, input: half, expected: end.output, got: died.output });
      return { check: CHECK, verdict: 'no', why: `after \`${member.shown}\` was killed something was printed that is no part of the output`, example };
    }
  }
  return { check: CHECK, ...verdictOn(stage.program.kind, members.length) };
}

function verdictOn(kind: 'operator' | 'chain' | 'shell', members: number): Pick<Finding, 'verdict' | 'why'> {
  if (kind === 'shell') {
    return { verdict: 'no', why: 'bash runs it: where one process of it dies alone, the next may take that for the end of the input; a plain a | b | c is kept from that' };
  }
  if (members === 1) return { verdict: 'yes', why: 'when it is killed, nothing is printed that should not be, and nothing is left' };
  return { verdict: 'yes', why: 'whichever of its processes is killed, nothing is printed that should not be, and nothing is left' };
}

interface Death {
  readonly died: TrialEnd;
  /** Processes that lived on, and were killed then. */
  readonly left: number;
}

async function killInTheMiddle(trials: Trials, tuples: readonly Buffer[], index: number): Promise<Death> {
  const { mark } = trials.subject;
  return await trials.watch(async (trial) => {
    await trial.feed(Buffer.concat(tuples));
    await trial.printsMoreThan(0, READING_MS);
    killAlone(trial.pids[index] ?? 0);
    // What lives on may hold the pipes, and then nothing says that the others are gone.
    const settled = new AbortController();
    await Promise.race([trial.ended, systemClock.wait(DYING_LIMIT_MS, settled.signal)]);
    settled.abort();
    const left = await findLeftBehind(mark);
    if (left.length > 0) await killLeftBehind(mark);
    return { died: await trial.ended, left: left.length };
  });
}

/** An early end of its own is as good as a kill. */
function killAlone(pid: number): void {
  if (pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

function isPartOf(whole: TrialEnd, died: TrialEnd): boolean {
  // A program that had ended before the kill has printed all that it wanted to.
  if (died.failure === undefined) return true;
  const printed = died.newlineAdded ? died.output.subarray(0, -1) : died.output;
  return whole.output.subarray(0, printed.length).equals(printed);
}
