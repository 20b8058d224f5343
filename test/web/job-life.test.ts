import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatExact, formatRate } from '../../web/src/format.ts';
import { output, sortedLines } from '../end-to-end/cli.ts';
import { waitFor } from '../end-to-end/processes.ts';
import { describeInBrowser, openDashboard } from './browser.ts';
import { jobOf, site, startJob, taskOf } from './jobs.ts';

describeInBrowser('a job that is watched', () => {
  test('is seen from its start to its success, with a kill and a rescale that the page asked for, and its figures are those of the API', { timeout: 60_000 }, async () => {
    const here = await site(24_000);
    const { leader, folder } = here;
    const page = await openDashboard(leader);
    await page.getByText('There are no jobs yet').waitFor();

    const { job, cli } = await startJob(here, ['--stages', 'filter=completed,running-aggregate=4:2', '--header', '--rate', '2000', '--dest', 'out.csv']);
    await page.getByRole('row', { name: job }).getByText('running', { exact: true }).waitFor();
    await page.getByRole('link', { name: job }).click();
    await page.getByRole('heading', { name: job, level: 1 }).waitFor();
    const stage = (number: number) => page.locator(`[data-stage="${number}"]`);
    const figure = (number: number, name: string) => stage(number).locator(`[data-figure="${name}"]`);

    // Both come from the same report of a worker at some moment, which is not the same for who asks twice.
    await waitFor('the rate of the API on the page', async () => {
      const { stages: [source] } = await jobOf(leader, job);
      return source !== undefined && source.outRate > 0 && (await figure(0, 'rate').textContent()) === formatRate(source.outRate) ? true : undefined;
    });

    await stage(2).getByRole('link', { name: /2-1/ }).click();
    await page.getByRole('heading', { name: 'Task 2-1' }).waitFor();
    const before = await taskOf(leader, job, 2, 1);
    await page.locator('[data-figure="pid"]').getByText(String(before.pid), { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Kill task…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Kill it' }).click();
    await page.getByText(`Killed task 2-1, pid ${before.pid}.`).waitFor();
    await page.locator('[data-figure="attempt"]').getByText('2', { exact: true }).waitFor();

    await page.getByRole('link', { name: job }).click();
    const events = page.locator('.events');
    await events.getByText('Kill', { exact: true }).waitFor();
    await events.getByText('Restart', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Scale stage 2…' }).click();
    await page.getByLabel('Number of tasks').fill('3');
    await page.getByRole('button', { name: 'Scale', exact: true }).click();
    await page.getByText('from 2 tasks to 3.').waitFor();
    await stage(2).getByRole('link', { name: /2-2/ }).waitFor();
    await events.getByText('Scale', { exact: true }).first().waitFor();

    await page.locator('.title').getByText('done', { exact: true }).waitFor();
    expect((await cli.result).status).toBe(0);
    const { stages } = await jobOf(leader, job);
    const [, filter, counts, sink] = stages;
    await figure(1, 'total').getByText(formatExact(filter?.inTuples ?? NaN), { exact: true }).waitFor();
    await figure(1, 'out-total').getByText(formatExact(filter?.outTuples ?? NaN), { exact: true }).waitFor();
    await figure(2, 'total').getByText(formatExact(counts?.inTuples ?? NaN), { exact: true }).waitFor();
    await figure(3, 'total').getByText(formatExact(sink?.inTuples ?? NaN), { exact: true }).waitFor();
    // It stays readable: what happened, and the line of its rates.
    await page.locator('.chart canvas').waitFor();
    await events.getByText('Restart', { exact: true }).first().waitFor();
    expect(await page.getByRole('button', { name: 'Cancel job…' }).count()).toBe(0);

    // As if nothing had happened to it.
    const undisturbed = await output(['--stages', 'filter=completed,running-aggregate=4', '--header', '--src', 'in.csv'], { cwd: folder });
    expect(sortedLines(await readFile(join(folder, 'out.csv')))).toEqual(sortedLines(undisturbed));
  });

  test('is cancelled by the button, once that is confirmed', { timeout: 40_000 }, async () => {
    const here = await site(5_000);
    const page = await openDashboard(here.leader);
    const { job, cli } = await startJob(here, ['--stages', 'filter=completed', '--rate', '10', '--dest', 'out.csv']);
    await page.getByRole('link', { name: job }).click();
    await page.getByRole('button', { name: 'Cancel job…' }).click();
    await page.getByRole('button', { name: 'Leave it' }).click();
    expect((await jobOf(here.leader, job)).endedAt).toBeUndefined();
    await page.getByRole('button', { name: 'Cancel job…' }).click();
    await page.getByRole('button', { name: 'Cancel the job' }).click();
    await page.locator('.title').getByText('cancelled', { exact: true }).waitFor();
    expect((await cli.result).status).not.toBe(0);
  });
});
