/** What `rainstorm check` shows to people. */
import type { CheckResult } from '../check/check-stage.ts';
import type { Example, Finding } from '../check/finding.ts';
import { formatTable } from './table.ts';

export function formatReport(result: CheckResult): string {
  const parts = [
    `${result.command.trim().replaceAll(/\s+/g, ' ')}\n  tried on ${samplesOf(result)}\n`,
    formatTable(['CHECK', 'VERDICT', 'WHY'], result.findings.map(({ check, verdict, why }) => [check, verdict, why])),
    ...result.findings.flatMap(formatExample),
    formatConclusion(result),
  ];
  return parts.join('\n');
}

function adviceWithout({ findings }: CheckResult): string {
  const known = findings.some(({ check, verdict }) => check === 'deterministic' && verdict === 'no');
  return known ? 'A job that has to be exact cannot use it as it is.' : 'Nothing can be said of it: give it something to print with --sample FILE.';
}

function samplesOf({ samples, sampleCut }: CheckResult): string {
  if (samples.length === 0) return 'samples that it failed on; give one that it can read with --sample FILE';
  return `${samples.join('; ')}${sampleCut ? ' (the beginning)' : ''}`;
}

function formatExample({ check, example }: Finding): string[] {
  if (example === undefined) return [];
  const lines = [
    `${check}, for example ${inputOf(example)}, ${example.how}:`,
    ...example.input.map((tuple) => `    ${tuple}`),
    ...(example.inputTuples > example.input.length ? [`    … and ${example.inputTuples - example.input.length} more`] : []),
    `  expected  ${lineOf(example.expected)}`,
    `  got       ${lineOf(example.got)}`,
  ];
  return [lines.map((line) => `${line}\n`).join('')];
}

function inputOf({ inputTuples }: Example): string {
  return inputTuples === 1 ? 'this tuple' : `these ${inputTuples} tuples`;
}

function lineOf(line: string | undefined): string {
  return line ?? '(nothing more)';
}

function formatConclusion(result: CheckResult): string {
  const { contracts, advice, cautions, ownOperator } = result;
  const held = contracts.length === 0 ? 'none' : contracts.join(', ');
  const lines = [`contracts it satisfies: ${held}`, ...cautions.map((caution) => `  ${caution}`)];
  if (ownOperator) lines.push('An operator of RainStorm declares its own; nothing needs to be written.');
  else if (advice === undefined) lines.push(adviceWithout(result));
  else lines.push(`in the stage's YAML: contract: ${advice}`, ...(advice === 'replay' ? ['(or contract: snapshot, where it is written with the kit and hands out its state: that cannot be seen from outside)'] : []));
  return lines.map((line) => `${line}\n`).join('');
}
