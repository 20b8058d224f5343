/** Where the browser is that looks at the dashboard, and how it is started. */
import { existsSync } from 'node:fs';

const USUAL_PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** It needs no sandbox for pages of our own, and must not ask anybody for anything. */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** What RAINSTORM_CHROMIUM names, or one in a usual place; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env['RAINSTORM_CHROMIUM'];
  return named === undefined || named === '' ? USUAL_PATHS.find((path) => existsSync(path)) : named;
}
