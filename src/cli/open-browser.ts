/** Shows an address in the user's browser, where there is a person and a screen. */
import { spawn } from 'node:child_process';
import { systemClock } from '../base/clock.ts';

/** The program that opens things with whatever the user opens them with. */
const OPENER = process.platform === 'darwin' ? 'open' : 'xdg-open';

/** It hands the address on and ends; what has not ended by then is a browser itself. */
const OPENER_MS = 5_000;

/** Whether a browser could be seen by whoever reads `stderr`. */
export function hasScreen(stderr: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): boolean {
  if (stderr.isTTY !== true) return false;
  return process.platform === 'darwin' || [env['DISPLAY'], env['WAYLAND_DISPLAY']].some((display) => display !== undefined && display !== '');
}

/** Gives false where that could not be done, for instance since there is no such program. `opener`: one that takes the address. */
export async function openBrowser(url: string, opener: string = OPENER): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
  child.unref();
  child.once('error', () => resolve(false));
  child.once('exit', (status) => resolve(status === 0));
  const timer = new AbortController();
  const opened = await Promise.race([promise, systemClock.wait(OPENER_MS, timer.signal).then(() => true)]);
  timer.abort();
  return opened;
}
