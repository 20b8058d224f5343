/** `leader` and `worker`, and their flags. */
import { type Command, Option } from 'commander';
import { addDataDir, addKeep, keepFrom, type KeepFlags } from './flags.ts';
import type { LogLevel } from './process-log.ts';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

/** How much a process that is started by hand says on stderr. */
function logLevel(): Option {
  return new Option('--log-level <level>', 'what is said on stderr: as text on a terminal, as JSON elsewhere').choices(LEVELS).default('info' satisfies LogLevel);
}

export function addCluster(program: Command, setStatus: (status: number) => void): void {
  const leader = program.command('leader')
    .description('start a leader that takes jobs from run --leader URL')
    .option('--listen <address>', 'HOST:PORT to listen on (default: 127.0.0.1, any free port)')
    .option('--token-file <file>', 'file with the token that everybody must give (or RAINSTORM_TOKEN; default: a new one)')
    .option('--resume', 'take over the jobs of the leader that died in this folder');
  leader.addOption(logLevel());
  addDataDir(leader);
  addKeep(leader);
  leader.action(async (options: KeepFlags & { dataDir: string; logLevel: LogLevel }) => {
    const command = await import('./leader-command.ts');
    setStatus(await command.leaderCommand({ ...options, keep: keepFrom(options) }));
  });
  const worker = program.command('worker')
    .description('start a worker that hosts tasks for a leader')
    .option('--leader <url>', 'the leader (default: the one started in this folder)')
    .option('--name <name>', 'this worker\'s name, unique among the leader\'s workers')
    .option('--listen <address>', 'HOST:PORT for control (default: 127.0.0.1, any free port)')
    .option('--data-listen <address>', 'HOST:PORT for tuples (default: the same host, any free port)')
    .option('--advertise <host>', 'the host under which others reach this worker')
    .option('--advertise-data <address>', 'HOST:PORT where others connect for tuples, if it is another')
    .option('--token-file <file>', 'file with the leader\'s token (or RAINSTORM_TOKEN)');
  worker.addOption(logLevel());
  addDataDir(worker);
  addKeep(worker);
  worker.action(async (options: { dataDir: string; logLevel: LogLevel } & KeepFlags) => {
    const command = await import('./worker-command.ts');
    setStatus(await command.workerCommand({ ...options, keep: keepFrom(options) }));
  });
}
