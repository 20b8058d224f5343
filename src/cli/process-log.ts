/**
 * What a leader or worker that was started by hand says on stderr, for whoever runs it: a service manager, or a person.
 *
 * The events are those of its log file, without those that come each second. Lines are pino's: JSON, or on a terminal what
 * people read. All of it is loaded only here, since the processes that `run` starts say nothing by themselves.
 */
import { destination, pino, type DestinationStream, type Level } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface ProcessLogOptions {
  /** What kind of process it is. */
  readonly name: 'leader' | 'worker';
  readonly level: LogLevel;
}

/** Takes an event and its details, as a log file has them. */
export type ProcessLog = (event: string, details: string) => void;

const STDERR = 2;

/** Those of other events are `info`. */
const LEVELS: Readonly<Record<string, Level>> = { RATE: 'debug', STRAGGLER: 'warn', KILLED: 'warn', LOST: 'error' };

/** Lines are written at once: what a process said last is what one wants to know when it has died. */
export async function openProcessLog({ name, level }: ProcessLogOptions): Promise<ProcessLog> {
  const logger = pino({ name, level, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } }, await openStream());
  return (event, details) => {
    const [, job] = /\bjob=(\S+)/.exec(details) ?? [];
    logger[levelOf(event, details)]({ event, ...(job === undefined ? {} : { job }) }, details);
  };
}

async function openStream(): Promise<DestinationStream> {
  if (!process.stderr.isTTY) return destination({ fd: STDERR, sync: true });
  const { build } = await import('pino-pretty');
  return build({ destination: STDERR, sync: true, ignore: 'pid,hostname,event,job', messageFormat: '{event} {msg}', translateTime: 'SYS:HH:MM:ss.l' });
}

function levelOf(event: string, details: string): Level {
  return event === 'END' && details.includes(' state=failed') ? 'error' : (LEVELS[event] ?? 'info');
}
