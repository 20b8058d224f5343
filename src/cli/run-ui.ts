/** What `run --ui` adds: a link to the dashboard, and a dashboard that stays until its user has seen enough. */
import type { ControlClient } from '../control/client.ts';
import { newDashboardLink, openWhereSeen } from './dashboard-link.ts';

export interface UiOptions {
  readonly json?: boolean;
}

/** Before the job is begun. Throws UNREACHABLE. */
export async function tellDashboard(client: ControlClient, { json = false }: UiOptions): Promise<void> {
  const url = await newDashboardLink(client);
  process.stderr.write(json ? `${JSON.stringify({ event: 'ui', url })}\n` : `rainstorm: dashboard: ${url}\n`);
  // The job does not wait for a browser.
  void openWhereSeen(url, (line) => process.stderr.write(`rainstorm: ${line}\n`));
}

/** With a link of its own: the first one is used by now, and whoever has another browser finds no other way in. Throws UNREACHABLE. */
export async function stayForDashboard(interrupted: AbortSignal, client: ControlClient): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || interrupted.aborted) return;
  process.stderr.write(`rainstorm: the dashboard stays at ${await newDashboardLink(client)} until Enter or Ctrl-C\n`);
  const { promise, resolve } = Promise.withResolvers<void>();
  const enough = () => resolve();
  interrupted.addEventListener('abort', enough);
  process.stdin.on('data', enough).on('end', enough).resume();
  try {
    await promise;
  } finally {
    process.stdin.off('data', enough).off('end', enough).pause();
  }
}
