import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { checkStage, type CheckRequest, type CheckResult } from '../../src/check/check-stage.ts';
import type { CheckName, Finding } from '../../src/check/finding.ts';
import { makeSubject, type SubjectOptions } from '../../src/check/subject.ts';
import { Trials } from '../../src/check/trials.ts';
import { parseStageFlag } from '../../src/job/stage-flag.ts';
import { scratch } from '../connect/scratch.ts';

/** A whole check is some hundred short processes; a busy machine takes its time over them. */
export const CHECK_LIMIT_MS = 90_000;

const OPTIONS: SubjectOptions = { locale: 'C', lineBuffered: false, timeLimitMs: 20_000, cwd: '/' };

/** Checks a stage as `--stage` takes it; `sample` is the content of a sample file. */
export async function check(text: string, sample?: string | Buffer, more: Partial<CheckRequest> = {}): Promise<CheckResult> {
  const path = sample === undefined ? undefined : join(await scratch(), 'sample');
  if (path !== undefined && sample !== undefined) await writeFile(path, sample);
  const request = { ...OPTIONS, stage: parseStageFlag(text), text, sample: path, format: undefined, header: false, ...more };
  return await checkStage(request, new AbortController().signal);
}

export function finding(result: CheckResult, name: CheckName): Finding {
  const found = result.findings.find(({ check }) => check === name);
  if (found === undefined) throw new Error(`there is a finding on ${name}`);
  return found;
}

export function verdict(result: CheckResult, name: CheckName): string {
  return finding(result, name).verdict;
}

/** Runs of a command, closed with the test. */
export function trialsOf(text: string, options: Partial<SubjectOptions> = {}): Trials {
  const subject = makeSubject(parseStageFlag(text), { format: 'lines', headerRow: undefined }, { ...OPTIONS, ...options });
  const trials = new Trials(subject);
  onTestFinished(() => trials.close());
  return trials;
}

export function tuples(...lines: readonly string[]): Buffer[] {
  return lines.map((line) => Buffer.from(`${line}\n`));
}
