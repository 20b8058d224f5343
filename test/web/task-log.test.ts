import { expect, test } from 'vitest';
import { leaderRoutes } from '../../src/control/routes.ts';
import { clientOf, describeInBrowser, openDashboard } from './browser.ts';
import { site, startJob } from './jobs.ts';

describeInBrowser('the page of a task', () => {
  test('shows its log by kind, searches it, and says what is wrong with a search, while the job runs and when it has ended', { timeout: 60_000 }, async () => {
    const here = await site(20_000);
    const page = await openDashboard(here.leader, { expected: /status of 400/ });
    const { job, cli } = await startJob(here, ['-s', 'awk \'/Harbour/ { print; print "seen " NR > "/dev/stderr" }\'', '--rate', '500', '--dest', 'out.csv']);
    await page.goto(`${here.leader.url}/#/jobs/${job}/tasks/1-0`);
    const lines = page.locator('.log__line');
    /** Until such lines are shown, and no others. */
    const only = async (pattern: RegExp) => {
      await expect.poll(async () => [await lines.filter({ hasText: pattern }).count() > 0, await lines.filter({ hasNotText: pattern }).count()], { timeout: 15_000 }).toEqual([true, 0]);
    };
    const search = async (text: string) => {
      await page.getByLabel('Search the log').fill(text);
      await page.getByRole('button', { name: 'Search', exact: true }).click();
    };

    await lines.filter({ hasText: 'OUTPUT' }).filter({ hasText: 'Harbour' }).first().waitFor();
    await page.getByRole('button', { name: 'Stderr' }).click();
    await only(/STDERR seen/);

    // What is added while one looks is shown, too.
    const shown = await lines.count();
    await expect.poll(async () => await lines.count(), { timeout: 15_000 }).toBeGreaterThan(shown);

    await search('seen 1\\d\\d$');
    await only(/STDERR seen 1\d\d$/);
    await page.getByRole('button', { name: 'Events' }).click();
    await page.getByText('No line matches so far.').waitFor();
    await search('(');
    await page.getByRole('alert').getByText('( is no regular expression').waitFor();

    await clientOf(here.leader).call(leaderRoutes.cancel, undefined, { params: { job } });
    await cli.result;
    await page.getByRole('button', { name: 'Clear' }).click();
    await only(/^[\d:.]+ (?!OUTPUT|STDERR)[A-Z]+ /);
    // Nothing is followed any more, and nothing can be killed.
    expect(await page.getByRole('checkbox', { name: 'Follow' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Kill task…' }).count()).toBe(0);
  });
});
