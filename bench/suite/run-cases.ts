/** Runs cases, all of them once in each round, so that whatever slows the machine down meets all alike. */
import { execFileSync } from 'node:child_process';
import type { Case } from './cases.ts';
import { INPUTS } from './data.ts';
import { summarize, type Result } from './results.ts';
import { runRound, type Round } from './run-case.ts';

/** Less those that need a program which is not there; says which. */
export function installedOf(cases: readonly Case[]): Case[] {
  const missing = new Set(cases.flatMap(({ needs }) => (needs === undefined || isInstalled(needs) ? [] : [needs])));
  for (const program of missing) console.log(`${program} is not installed: cases that need it are left out`);
  return cases.filter(({ needs }) => needs === undefined || !missing.has(needs));
}

/** On the inputs in `folder`. Throws when a result differs from its reference's. */
export async function runCases(cases: readonly Case[], folder: string, rounds: number): Promise<Result[]> {
  const measured = new Map<string, Round[]>(cases.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const one of cases) measured.get(one.name)?.push(await runRound(one, folder, INPUTS));
    console.error(`round ${round} of ${rounds}`);
  }
  return cases.map((one) => summarize(one, measured.get(one.name) ?? [], one.comparedTo === undefined ? undefined : measured.get(one.comparedTo)));
}

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch (error) {
    // The shell says "no" by its status; that it cannot be started is another matter.
    if (typeof (error as { status?: unknown }).status === 'number') return false;
    throw error;
  }
}
