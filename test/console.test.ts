// The console in real Chromium on a whole lab: a person starts a run with the keyboard alone, holds it and lets it go on, answers what it
// asks, and stops everything; what is shown is what the lab says, in light and dark, and nothing of it is out of reach.

import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { findProgram } from '../local/find-program.js';
import { startRun, waitForEnd } from './rig/operate-lab.js';
import { startLab, waitFor, type Lab } from './rig/start-lab.js';

const TEST_LIMIT_MS = 300_000;
const SEEN_LIMIT_MS = 30_000;
const chromiumProgram = findProgram('chromium') ?? findProgram('chromium-browser') ?? findProgram('google-chrome');
/** Skipped, by name, where there is no Chromium. */
const describeInBrowser = chromiumProgram === null ? describe.skip : describe;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

let lab: Lab;
let browser: Browser;
let person: BrowserContext;
let page: Page;
const complaints: string[] = [];

beforeAll(async () => {
  if (chromiumProgram === null) return;
  lab = await startLab({ motionS: 0.3, protocols: ['test/fixtures/protocols'] });
  browser = await chromium.launch({ executablePath: chromiumProgram, args: ['--no-sandbox'] });
  person = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await person.newPage();
  page.setDefaultTimeout(SEEN_LIMIT_MS);
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    // A refusal of the lab is logged by the browser itself.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
}, TEST_LIMIT_MS);
afterAll(async () => {
  await browser?.close();
  await lab?.end();
}, TEST_LIMIT_MS);

const see = (text: string | RegExp): Promise<unknown> => page.getByText(text).first().waitFor();

/** What axe finds wrong with an address, by rule; its script is none of the page's own, and has to be let in. */
async function inspect(address: string, colorScheme: 'light' | 'dark'): Promise<readonly string[]> {
  const context = await browser.newContext({ bypassCSP: true, colorScheme, viewport: { width: 1280, height: 800 } });
  try {
    const inspected = await context.newPage();
    await inspected.goto(`${lab.url}${address}`);
    await inspected.locator('main > *').first().waitFor();
    await inspected.locator('[aria-busy]').first().waitFor({ state: 'detached' });
    await inspected.addScriptTag({ path: AXE });
    return await inspected.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
    });
  } finally {
    await context.close();
  }
}

describeInBrowser('the console', () => {
  test(
    'a run is started by the keyboard alone, and followed to its end without a reload',
    async () => {
      await page.goto(`${lab.url}/start/serial_dilution`);
      await see('Number of dilutions');
      await page.getByLabel('numDilutions').focus();
      await page.keyboard.type('2');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/runs\//u);
      await see('Running');
      await see('mix_down');
      await see('Completed');
      await see('Result');
      await page.getByRole('link', { name: 'Commands' }).click();
      await see('pick_up_tips');
      const runId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
      expect(await lab.api.getRun({ params: { id: runId } })).toMatchObject({ status: 'completed', parameters: { numDilutions: 2 } });
    },
    TEST_LIMIT_MS,
  );

  test(
    'a value that the lab refuses is said beside the form, and starts nothing',
    async () => {
      const before = (await lab.api.listRuns()).items.length;
      await page.goto(`${lab.url}/start/serial_dilution`);
      await page.getByLabel('numDilutions').fill('many');
      await page.getByRole('button', { name: 'Start serial_dilution' }).click();
      await see(/numDilutions/u);
      await page.getByRole('alert').waitFor();
      expect((await lab.api.listRuns()).items).toHaveLength(before);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a run is paused, looked at after a reload, resumed and cancelled',
    async () => {
      const runId = await startRun(lab, 'serial_dilution', {});
      await page.goto(`${lab.url}/runs/${runId}`);
      await page.getByRole('button', { name: 'Pause' }).click();
      await see('Paused');
      await page.reload();
      await see(/a person has paused it/u);
      await page.getByRole('button', { name: 'Resume' }).click();
      await see('Running');
      await page.getByRole('button', { name: 'Cancel run…' }).click();
      await page.getByRole('button', { name: 'Cancel the run' }).click();
      await see('Cancelled');
      expect(await waitForEnd(lab, runId)).toMatchObject({ status: 'cancelled' });
    },
    TEST_LIMIT_MS,
  );

  test(
    'everything is stopped from any page, said on all, and lifted by a person who has looked',
    async () => {
      await page.goto(`${lab.url}/`);
      await see('Available');
      await page.getByRole('button', { name: 'Stop all' }).click();
      await see(/Stopped after \d+ ms/u);
      const other = await person.newPage();
      await other.goto(`${lab.url}/runs`);
      await other.getByText('star is stopped').waitFor();
      await other.getByRole('button', { name: /lift the stop/u }).click();
      await other.getByText('star is stopped').waitFor({ state: 'detached' });
      // The page beside it hears of that by its feed.
      await page.getByText('star is stopped').waitFor({ state: 'detached' });
      await other.close();
      expect((await lab.api.showStop({ params: { workcell: 'star' } })).isStopped).toBe(false);
    },
    TEST_LIMIT_MS,
  );

  test(
    'a page that cannot hear the lab says so, and is live again by itself',
    async () => {
      await page.goto(`${lab.url}/`);
      await see('Live');
      await lab.kill('api');
      await see(/Not live since/u);
      await waitFor('a live page', async () => (await page.getByText(/Not live/u).count()) === 0, { timeoutMs: SEEN_LIMIT_MS });
    },
    TEST_LIMIT_MS,
  );

  test(
    'nothing is out of reach for whoever reads with the ears or sees little, in both themes',
    async () => {
      for (const colorScheme of ['light', 'dark'] as const)
        for (const address of ['/', '/start', '/start/serial_dilution', '/runs', '/inbox', '/runs/unknown'])
          expect({ address, colorScheme, found: await inspect(address, colorScheme) }).toEqual({ address, colorScheme, found: [] });
      expect(complaints).toEqual([]);
    },
    TEST_LIMIT_MS,
  );
});
