/**
 * Takes pictures of every view, wide and narrow, dark and light, with the made-up leader.
 *
 *     node web/dev/screenshots.ts FOLDER [part of a name]
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { CHROMIUM_FLAGS, findChromium } from './chromium.ts';
import { madeUpLeader } from './made-up-leader.ts';

const [folder = '/tmp/rainstorm-screens', only = ''] = process.argv.slice(2);

const VIEWS: Readonly<Record<string, { readonly path: string; readonly act?: (page: Page) => Promise<void> }>> = {
  'jobs': { path: '#/jobs' },
  'job': { path: '#/jobs/trips-1122-0141' },
  'job-thousand': { path: '#/jobs/thousand-tasks' },
  'job-long': { path: '#/jobs/nightly-import-of-every-single-measurement-of-all-stations-2026-11-22T01-00-00Z-retry-3' },
  'job-failed': { path: '#/jobs/rides-1122-0031' },
  'job-done': { path: '#/jobs/words-1121-1800' },
  'job-missing': { path: '#/jobs/nobody' },
  'task': { path: '#/jobs/trips-1122-0141/tasks/2-1' },
  'workers': { path: '#/workers' },
  'dialog-scale': {
    path: '#/jobs/trips-1122-0141',
    act: async (page) => {
      await page.getByRole('button', { name: 'Scale stage 2…' }).click();
      await page.getByRole('button', { name: 'Scale', exact: true }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  'lost': { path: '#/jobs/trips-1122-0141', act: async (page) => { await page.context().setOffline(true); await page.evaluate('location.hash = "#/workers"'); await page.getByText('Reconnecting…').waitFor(); } },
  'expired': { path: '#/workers', act: async (page) => { await page.getByRole('button', { name: 'Log out' }).click(); } },
};

mkdirSync(folder, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'rainstorm-profile-'));
const server = await madeUpLeader(0);
const address = server.address();
const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
const browser = await chromium.launch({ executablePath: findChromium() ?? '', args: [...CHROMIUM_FLAGS] });
for (const [name, { path, act }] of Object.entries(VIEWS)) {
  if (!name.includes(only)) continue;
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1440, 390]) {
      const page = await browser.newPage({ viewport: { width, height: width === 390 ? 844 : 900 }, colorScheme });
      page.on('console', (message) => console.log(name, message.type(), message.text()));
      await page.route('**/v1/logout', (route) => route.fulfill({ json: { ok: true } }));
      await page.goto(`${url}${path}`);
      await page.waitForTimeout(1_500);
      await act?.(page);
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: act === undefined });
      const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      if (Number(wider) > 0) console.log(`${name} at ${width}: the page is ${String(wider)} pixels wider than the window`);
      await page.close();
    }
  }
}
await browser.close();
server.close();
server.closeAllConnections();
rmSync(profile, { recursive: true });
