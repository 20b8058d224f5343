/** `rainstorm check`: says what a program is, by trying it, before a job relies on it. */
import type { Contract } from '../check/contracts.ts';
import { checkStage, type CheckResult } from '../check/check-stage.ts';
import { parseStageFlag } from '../job/stage-flag.ts';
import { parseStatusList } from '../job/status-list.ts';
import type { Format, StageSpec } from '../job/stage-spec.ts';
import { formatReport } from './check-report.ts';
import { onEndingSignals } from './signals.ts';
import { Terminal } from './terminal.ts';

export interface CheckOptions {
  readonly sample?: string;
  readonly contract?: Contract;
  readonly format?: Format;
  readonly header?: boolean;
  /** Exit statuses that are no failure, separated by commas. */
  readonly okExit?: string;
  readonly locale?: string;
  readonly lineBuffered?: boolean;
  /** Seconds that one run may take. */
  readonly timeLimit?: number;
  readonly json: boolean;
}

/** The wanted contract does not hold, or no contract does. */
const EXIT_UNSATISFIED = 1;

/** Most programs need milliseconds for a sample; one that needs this long is stuck, or waits for something. */
const RUN_LIMIT_SECONDS = 10;

const BYTE_ORDER_LOCALE = 'C';

/** Gives the exit status. Throws what is wrong with the request, CHECK_LIMIT for a program that does not end, CANCELLED after a signal. */
export async function check(text: string, options: CheckOptions, terminal: Terminal = new Terminal()): Promise<number> {
  const stage = withOkExit(parseStageFlag(text), options.okExit);
  const abort = new AbortController();
  const forget = onEndingSignals(() => abort.abort(), () => abort.abort());
  try {
    const result = await checkStage({
      stage,
      text,
      sample: options.sample,
      format: options.format,
      header: options.header ?? false,
      locale: options.locale ?? BYTE_ORDER_LOCALE,
      lineBuffered: options.lineBuffered ?? false,
      timeLimitMs: (options.timeLimit ?? RUN_LIMIT_SECONDS) * 1000,
      cwd: process.cwd(),
    }, abort.signal);
    if (options.json) await terminal.printJson(toJson(result));
    else await terminal.print(formatReport(result));
    return result.contracts.includes(options.contract ?? 'replay') ? 0 : EXIT_UNSATISFIED;
  } finally {
    forget();
  }
}

function withOkExit(stage: StageSpec, statuses: string | undefined): StageSpec {
  if (statuses === undefined) return stage;
  return { ...stage, okExit: [...stage.okExit, ...parseStatusList(`1=${statuses}`, [stage]).statuses] };
}

function toJson(result: CheckResult): Record<string, unknown> {
  const { advice, findings, ...rest } = result;
  return { ...rest, yaml: advice === undefined ? null : `contract: ${advice}`, checks: findings };
}
