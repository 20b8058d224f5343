/** What the findings mean for the declaration of a stage. */
import type { CheckName, Finding, Verdict } from './finding.ts';

/** The contracts that can be seen from outside; a fourth one, `snapshot`, is a matter of the operator author's kit. */
export const CONTRACTS = ['replay', 'restart', 'fold'] as const;

export type Contract = (typeof CONTRACTS)[number];

export interface Conclusion {
  /** Those that hold. */
  readonly contracts: readonly Contract[];
  /** The one to declare; undefined where none holds. */
  readonly advice: Contract | undefined;
  /** What to know besides, a sentence each. */
  readonly cautions: readonly string[];
}

const FOLD_NUMBERS = ['fold-large-numbers', 'fold-fractions'] as const;

/** `ownSample`: the user said by a sample what the numbers are like, so that others only make a caution. */
export function conclude(findings: readonly Finding[], ownSample: boolean): Conclusion {
  const verdict = (check: CheckName): Verdict => findings.find((finding) => finding.check === check)?.verdict ?? 'unknown';
  const lossy = FOLD_NUMBERS.filter((check) => verdict(check) === 'no');
  const holds: Record<Contract, boolean> = {
    replay: verdict('deterministic') === 'yes',
    restart: verdict('deterministic') === 'yes' && verdict('stateless') === 'yes' && verdict('reads-all-input') !== 'no',
    fold: verdict('deterministic') === 'yes' && verdict('foldable') === 'yes' && (ownSample || lossy.length === 0),
  };
  const contracts = CONTRACTS.filter((contract) => holds[contract]);
  return { contracts, advice: adviceOf(contracts, findings), cautions: cautionsOf(contracts, lossy) };
}

/** `fold` holds back all output until the input ends, which is no loss only where the program does so itself. */
function adviceOf(contracts: readonly Contract[], findings: readonly Finding[]): Contract | undefined {
  if (contracts.includes('restart')) return 'restart';
  const atTheEnd = findings.some((finding) => finding.prints === 'at the end');
  if (contracts.includes('fold') && atTheEnd) return 'fold';
  return contracts[0];
}

function cautionsOf(contracts: readonly Contract[], lossy: readonly CheckName[]): string[] {
  const cautions: string[] = [];
  if (contracts.includes('fold') && lossy.length > 0) {
    cautions.push(`fold holds for this sample, and loses digits of numbers that are ${lossy.map((check) => LOSSY[check]).join(' or ')}.`);
  }
  return cautions;
}

const LOSSY: Readonly<Partial<Record<CheckName, string>>> = { 'fold-large-numbers': 'large', 'fold-fractions': 'fractional' };
