import { Locator, Page } from '@playwright/test';
import * as fs from 'fs';
import { cellOf, expect, openNotebook, outputOf, Panel, reload, test } from './lab';

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  for (let i = 0; i < 40; i++) {
    if (await target.evaluate(node => node === document.activeElement).catch(() => false)) {
      return;
    }
    await page.keyboard.press(key);
  }
  const at = await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 200));
  throw new Error(`Tab does not come to ${target}; it is at ${at}`);
}

async function palette(page: Page, command: string): Promise<void> {
  // Where Jupyter is still starting, its palette comes only later.
  await expect(async () => {
    await page.keyboard.press('Control+Shift+c');
    await expect(page.locator('.lm-CommandPalette-input')).toBeFocused({ timeout: 2000 });
  }).toPass({ timeout: 20000 });
  await page.keyboard.type(command);
  await expect(page.locator('.lm-CommandPalette-item.lm-mod-active')).toContainText(command);
  await page.keyboard.press('Enter');
}

test('a stranger trains, looks, pauses, reloads, resumes and exports by keyboard alone', async ({ page, tmpPath }) => {
  await openNotebook(page, tmpPath, 'softmax.ipynb');
  const panel = new Panel(page);
  await palette(page, 'Show Graph, Values and Curves');
  await expect(panel.node).toBeVisible();
  const tab = (name: string) => panel.node.getByRole('tab', { name });
  await expect(tab('Graph')).toBeFocused();

  // Back to the notebook, and all of its cells but the last.
  await page.keyboard.press('Control+Shift+[');
  await expect(cellOf(page, 0)).toHaveClass(/jp-mod-active/);
  for (const cell of [0, 1, 2]) {
    await page.keyboard.press('Shift+Enter');
    if (cell < 2) {
      await expect(cellOf(page, cell).locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/);
    }
  }
  await panel.is('running');
  await page.keyboard.press('Control+Shift+]');
  await expect(tab('Graph')).toBeFocused();

  // The graph on its canvas: to a box, into it and out of it.
  await tabTo(page, panel.node.getByRole('application', { name: /^Graph/ }));
  const folded = await panel.boxes();
  const said = panel.node.locator('.jp-glnb-graph-said');
  for (let i = 0; i < 30 && !/operations?$/.test((await said.textContent()) ?? ''); i++) {
    await page.keyboard.press(i % 2 ? 'ArrowDown' : 'ArrowRight');
  }
  await expect(said).toHaveText(/with \d+ operations?/);
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await panel.boxes()).length).toBeGreaterThan(folded.length);
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await panel.boxes()).length).toBe(folded.length);

  // Tabs by arrow keys.
  await tabTo(page, tab('Graph'), 'Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(panel.node.getByRole('application', { name: /Table of variables/ })).toBeVisible();
  await tabTo(page, panel.node.getByRole('application', { name: /Table of variables/ }));
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(panel.node.locator('.jp-glnb-values-card:visible .jp-glnb-values-name')).toHaveText('W:0');
  await tabTo(page, tab('Values'), 'Shift+Tab');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  const chart = panel.node.getByRole('application', { name: /cross_entropy/ });
  await tabTo(page, chart);
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  await expect(panel.node.locator('.jp-glnb-curves-tooltip:visible')).toContainText(/\d/);

  // Pause by its keys, a step by its button, and again after a reload.
  await page.keyboard.press('Control+Alt+p');
  await panel.is('paused');
  const made = await panel.made();
  await tabTo(page, panel.button('step'), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => panel.made()).toBe(made + 1);
  await page.waitForTimeout(1500);
  await reload(page);
  await expect(panel.node).toBeVisible({ timeout: 60000 });
  await panel.is('paused');
  await expect(panel.node.getByRole('application', { name: /cross_entropy/ })).toBeVisible();
  await page.keyboard.press('Control+Alt+p');
  await panel.is('running');
  await palette(page, 'Stop the Training');
  await panel.is('idle');
  await expect(outputOf(page, 2)).toBeAttached();

  // The picture as a file.
  await palette(page, 'Show Graph, Values and Curves');
  await expect(tab('Curves')).toBeFocused();
  await page.keyboard.press('Home');
  await tabTo(page, tab('Graph'), 'ArrowLeft');
  await page.keyboard.press('Enter');
  await tabTo(page, panel.node.getByRole('button', { name: 'More', exact: true }));
  await page.keyboard.press('Enter');
  const save = page.getByRole('menuitem', { name: 'Save as SVG' });
  await tabTo(page, save, 'ArrowDown');
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  expect(fs.readFileSync(await download.path(), 'utf8')).toContain('<svg');
});
