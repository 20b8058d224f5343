/** A link that logs a browser in to a leader's dashboard: asked for, told, and opened. */
import type { ControlClient } from '../control/client.ts';
import { leaderRoutes } from '../control/routes.ts';
import { hasScreen, openBrowser } from './open-browser.ts';

export async function newDashboardLink(client: ControlClient): Promise<string> {
  const { url } = await client.call(leaderRoutes.loginLink, undefined);
  // A leader behind a proxy knows only its own end of it.
  return url.replace(/^https?:\/\/[^/]+/, client.url);
}

/** `tell` gets a line if it cannot be opened. */
export async function openWhereSeen(url: string, tell: (line: string) => void): Promise<void> {
  if (!hasScreen(process.stderr, process.env)) return;
  if (!(await openBrowser(url))) tell('no browser could be opened here: open the link in one');
}
