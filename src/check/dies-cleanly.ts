/**
 * Does it die cleanly? Each of its processes is killed in turn, in the middle of the input: what is printed must be part of
 * what an undisturbed run prints, not what an end of input that is none would trigger, and nothing may live on.
 */
import { systemClock } from '../base/clock.ts';
import { isSameProcessAlive } from '../base/process-identity.ts';
import type { Program } from '../job/program.ts';
import type { ProcessGroup } from '../task/operator-process.ts';
import { exampleOf } from './difference.ts';
import type { Finding } from './finding.ts';
import { findLeftBehind, killLeftBehind } from './left-behind.ts';
import { readingMsOf, type Reference } from './reference.ts';
import type { TrialEnd } from './trial.ts';
import type { Trials } from './trials.ts';

/** A killed process is gone at once, but on a busy machine. */
const DYING_LIMIT_MS = 2_000;

const CHECK = 'dies-cleanly';

/** `reference`: of a sample that the program did not fail on. Runs while nothing else of the program does. */
export async function checkDiesCleanly(trials: Trials, reference: Reference): Promise<Finding> {
  const { sample, end } = reference;
  const readingMs = readingMsOf(reference);
  const half = sample.tuples.slice(0, Math.ceil(sample.tuples.length / 2));
  const { members, stage } = trials.subject;
  for (const [index, member] of members.entries()) {
    const { died, left } = await killInTheMiddle(trials, { half, readingMs }, index);
    if (left) return { check: CHECK, verdict: 'no', why: 'it starts processes that leave its group, and live on without it' };
    if (died !== undefined && !isPartOf(end, died)) {
      const example = exampleOf({ how: `\`${member.shown}\` killed after these`, input: half, expected: end.output, got: died.output });
      return { check: CHECK, verdict: 'no', why: `after \`${member.shown}\` was killed something was printed that is no part of the output`, example };
    }
  }
  return { check: CHECK, ...verdictOn(stage.program.kind, members.length) };
}

function verdictOn(kind: Program['kind'], members: number): Pick<Finding, 'verdict' | 'why'> {
  if (kind === 'shell') {
    return { verdict: 'no', why: 'bash runs it: where one process of it dies alone, the next may take that for the end of the input; a plain a | b | c is kept from that' };
  }
  if (members === 1) return { verdict: 'yes', why: 'when it is killed, nothing is printed that should not be, and nothing is left' };
  return { verdict: 'yes', why: 'whichever of its processes is killed, nothing is printed that should not be, and nothing is left' };
}

interface Death {
  /** Undefined where the process had ended before it could be killed. */
  readonly died: TrialEnd | undefined;
  /** Something lived on, and was killed then. */
  readonly left: boolean;
}

interface Middle {
  readonly half: readonly Buffer[];
  /** How long it gets to read what it was fed, unless it prints before. */
  readonly readingMs: number;
}

async function killInTheMiddle(trials: Trials, { half, readingMs }: Middle, index: number): Promise<Death> {
  const { mark } = trials.subject;
  return await trials.watch(async (trial) => {
    await trial.feed(Buffer.concat(half));
    await trial.printsMoreThan(0, readingMs);
    if (!killAlone(trial.groups[index])) return { died: undefined, left: false };
    // What lives on may hold the pipes, and then nothing says that the others are gone.
    const settled = new AbortController();
    await Promise.race([trial.ended, systemClock.wait(DYING_LIMIT_MS, settled.signal)]);
    settled.abort();
    const left = await findLeftBehind(mark);
    if (left.length > 0) await killLeftBehind(mark);
    return { died: await trial.ended, left: left.length > 0 };
  });
}

/** Gives false where it has ended by itself. */
function killAlone(group: ProcessGroup | undefined): boolean {
  if (group === undefined || group.pid <= 1 || !isSameProcessAlive(group.pid, group.startTime)) return false;
  return process.kill(group.pid, 'SIGKILL');
}

function isPartOf(whole: TrialEnd, died: TrialEnd): boolean {
  // A program that had ended before the kill has printed all that it wanted to.
  if (died.failure === undefined) return true;
  const printed = died.newlineAdded ? died.output.subarray(0, -1) : died.output;
  return whole.output.subarray(0, printed.length).equals(printed);
}
