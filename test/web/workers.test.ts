import { expect, test } from 'vitest';
import { leaderRoutes } from '../../src/control/routes.ts';
import { formatBytes, formatCores } from '../../web/src/format.ts';
import { waitFor } from '../end-to-end/processes.ts';
import { clientOf, describeInBrowser, openDashboard } from './browser.ts';
import { site, startJob } from './jobs.ts';

describeInBrowser('the page of the workers', () => {
  test('has the figures of the API, and kills a worker once that is confirmed, whose tasks go on with the other', { timeout: 60_000 }, async () => {
    const here = await site(8_000);
    const { leader } = here;
    const page = await openDashboard(leader);
    const { job, cli } = await startJob(here, ['--stages', 'filter=completed:2', '--rate', '1000', '--dest', 'out.csv']);
    await page.getByRole('link', { name: 'Workers', exact: true }).click();
    const row = (worker: string) => page.locator(`[data-worker="${worker}"]`);
    await row('w1').getByRole('link', { name: job }).waitFor();
    await waitFor('the figures of the API on the page', async () => {
      const w1 = (await clientOf(leader).call(leaderRoutes.workers, undefined)).find(({ worker }) => worker === 'w1');
      const shown = await Promise.all(['cpu', 'memory', 'tasks'].map((name) => row('w1').locator(`[data-figure="${name}"]`).textContent()));
      return w1 !== undefined && String(shown) === String([formatCores(w1.cpuShare), formatBytes(w1.memoryBytes), w1.tasks]) ? true : undefined;
    });

    await page.getByRole('button', { name: 'Kill worker w2…' }).click();
    await page.getByRole('button', { name: 'Kill it' }).click();
    await page.getByText(`Killed worker w2, pid ${here.workers[1]?.pid}.`).waitFor();
    await row('w2').waitFor({ state: 'detached' });

    await row('w1').getByRole('link', { name: job }).click();
    await page.locator('.events').getByText('Worker', { exact: true }).first().waitFor();
    await page.locator('.title').getByText('done', { exact: true }).waitFor({ timeout: 30_000 });
    expect((await cli.result).status).toBe(0);
    expect(await page.locator('.rows .row__worker').allTextContents()).not.toContain('w2');
  });
});
