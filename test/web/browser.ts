/** The dashboard of a real leader in a real browser. Tests that need one are skipped, and say so, where there is none. */
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { afterAll, describe, expect, onTestFinished } from 'vitest';
import { ControlClient } from '../../src/control/client.ts';
import { leaderRoutes } from '../../src/control/routes.ts';
import { CHROMIUM_FLAGS, findChromium } from '../../web/dev/chromium.ts';
import type { HandLeader } from '../end-to-end/cluster.ts';

const executablePath = findChromium();
if (executablePath === undefined) console.warn('SKIPPED: the tests in a browser, since there is no Chromium (RAINSTORM_CHROMIUM names one elsewhere)');

export const describeInBrowser = executablePath === undefined ? describe.skip : describe;

/** Nothing that is waited for takes nearly as long; a test that gets here fails. */
const WAIT_MS = 20_000;

export interface Look {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** Complaints of the browser that belong to the test, such as of an answer that is a refusal. */
  readonly expected?: RegExp;
}

let browser: Promise<Browser> | undefined;
afterAll(async () => (await browser)?.close());

/** A window that is closed with the test, which fails if the page has complained or asked anybody else for anything. */
async function openWindow({ width = 1280, colorScheme = 'light', expected }: Look = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: executablePath ?? '', args: [...CHROMIUM_FLAGS] });
  const context = await (await browser).newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT_MS);
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (expected?.test(text) !== true) complaints.push(text);
  };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complain(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complain(String(error)));
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  onTestFinished(async () => {
    await context.close();
    expect(complaints).toEqual([]);
    expect(hosts.size).toBeLessThanOrEqual(1);
  });
  return page;
}

/** A window in which somebody has logged in, as by `rainstorm dashboard`. */
export async function openDashboard(leader: HandLeader, look: Look = {}): Promise<Page> {
  const page = await openWindow(look);
  await logIn(page.context(), leader);
  await page.goto(leader.url);
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  return page;
}

/** By a link, in a window of its own. */
export async function logIn(context: BrowserContext, leader: HandLeader): Promise<void> {
  const { url } = await clientOf(leader).call(leaderRoutes.loginLink, undefined);
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('heading', { name: 'Jobs', level: 1 }).waitFor();
  await page.close();
}

export function clientOf(leader: HandLeader): ControlClient {
  return new ControlClient(leader.url, leader.token);
}
