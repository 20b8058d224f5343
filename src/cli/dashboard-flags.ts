/** `dashboard` and its flags. */
import type { Command } from 'commander';
import type { DashboardOptions } from './dashboard.ts';
import { looking, ofJob } from './flags.ts';

export function addDashboard(program: Command): void {
  ofJob(looking(program.command('dashboard'), 'print and open a link to the dashboard of live jobs, or of ended ones'))
    .option('--leader <url>', 'of this leader (default: the one of this folder)')
    .option('--token-file <file>', 'file with that leader\'s token (or RAINSTORM_TOKEN)')
    .option('--no-open', 'print the link only')
    .action(async (options: DashboardOptions) => {
      await (await import('./dashboard.ts')).dashboard(options);
    });
}
