import { expect, test } from 'vitest';
import { startLeader } from '../end-to-end/cluster.ts';
import { describeInBrowser, logIn, openDashboard } from './browser.ts';
import { site, startJob } from './jobs.ts';

describeInBrowser('a session', () => {
  test('that has expired is told, with what to do, and a new link brings the same page back', { timeout: 40_000 }, async () => {
    const here = await site(10);
    const page = await openDashboard(here.leader, { expected: /status of 401/ });
    await page.getByRole('link', { name: 'Workers', exact: true }).click();
    await page.getByRole('row', { name: /w1/ }).waitFor();
    await page.context().clearCookies();
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    await page.getByRole('heading', { name: 'The session has expired' }).waitFor();
    await page.getByText('rainstorm dashboard').waitFor();
    await logIn(page.context(), here.leader);
    await page.getByRole('button', { name: 'I have opened the link' }).click();
    await page.getByText('There are no jobs yet').waitFor();

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('heading', { name: 'The session has expired' }).waitFor();
  });

  test('outlives its leader: the page says that it is reconnecting, and goes on when the next one is there', { timeout: 60_000 }, async () => {
    const here = await site(20_000);
    const page = await openDashboard(here.leader, { expected: /ERR_|status of 401/ });
    const { job } = await startJob(here, ['--stages', 'filter=completed', '--rate', '500', '--dest', 'out.csv']);
    await page.getByRole('link', { name: job }).click();
    const total = page.locator('[data-stage="1"] [data-figure="total"]');
    await expect.poll(async () => Number((await total.getAttribute('title'))?.replaceAll(/\D/g, '')), { timeout: 15_000 }).toBeGreaterThan(0);

    here.leader.cli.kill('SIGKILL');
    await page.getByText('Reconnecting…').waitFor();
    await here.leader.cli.result;
    const next = await startLeader(here.folder, ['--resume']);
    expect(next.url).toBe(here.leader.url);
    await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
    await page.locator('.link-state').getByText('live').waitFor();
    const then = Number((await total.getAttribute('title'))?.replaceAll(/\D/g, ''));
    await expect.poll(async () => Number((await total.getAttribute('title'))?.replaceAll(/\D/g, '')), { timeout: 15_000 }).toBeGreaterThan(then);
  });
});
