import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { describeInBrowser, openDashboard } from './browser.ts';
import { site, startJob } from './jobs.ts';

/** The narrowest window that everything has to fit into. */
const NARROW = 360;


/** What axe finds serious or critical, a line each. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate('axe.run().then(({ violations }) => violations)') as readonly axe.Result[];
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`);
}

describeInBrowser('every view', () => {
  test('has nothing that axe finds serious, dark and light, and fits into a narrow window', { timeout: 60_000 }, async () => {
    const here = await site(20_000);
    const { job } = await startJob(here, ['--stages', 'filter=completed,running-aggregate=3:9', '--rate', '500', '--dest', 'out.csv']);
    const failed = await startJob(here, ['-s', 'sh -c "echo no such thing >&2; exit 3"', '--dest', 'other.csv']);
    await failed.cli.result;
    const views = [['#/jobs', job], ['#/workers', 'w2'], [`#/jobs/${job}`, 'Plan'], [`#/jobs/${job}/tasks/2-1`, 'lines'], [`#/jobs/${failed.job}`, 'Its last lines on stderr'], ['#/elsewhere', 'There is no such page']] as const;
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await openDashboard(here.leader, { colorScheme });
      for (const [hash, sign] of views) {
        await page.goto(`${here.leader.url}/${hash}`);
        await page.getByText(sign).first().waitFor();
        expect(await findings(page), `${hash}, ${colorScheme}`).toEqual([]);
        await page.setViewportSize({ width: NARROW, height: 800 });
        expect(await page.evaluate('document.documentElement.scrollWidth'), hash).toBeLessThanOrEqual(NARROW);
        await page.setViewportSize({ width: 1280, height: 900 });
      }
      await page.goto(`${here.leader.url}/#/jobs/${job}`);
      await page.getByRole('button', { name: 'Scale stage 2…' }).click();
      expect(await findings(page), `a dialog, ${colorScheme}`).toEqual([]);
    }
  });

  test('can be used by keyboard: past the navigation, into a grid of tasks, through a dialog and back', { timeout: 40_000 }, async () => {
    const here = await site(20_000);
    const { job } = await startJob(here, ['--stages', 'filter=completed,running-aggregate=3:9', '--rate', '500', '--dest', 'out.csv']);
    const page = await openDashboard(here.leader);
    const focused = async () => String(await page.evaluate('document.activeElement.getAttribute("aria-label") ?? document.activeElement.id ?? document.activeElement.textContent'));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('main');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: job, level: 1 }).waitFor();

    const cells = page.getByRole('list', { name: 'tasks of stage 2' }).getByRole('link');
    await cells.nth(8).waitFor();
    await cells.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await focused()).toContain('task 2-1');
    await page.keyboard.press('End');
    expect(await focused()).toContain('task 2-8');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Task 2-8' }).waitFor();
    expect(await focused()).toBe('main');

    const kill = page.getByRole('button', { name: 'Kill task…' });
    await kill.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    expect(await kill.evaluate((button) => button === document.activeElement)).toBe(true);
  });
});
