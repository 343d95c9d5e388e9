import { activate, execute, expect, makeNotebook, openPanel, Panel, reload, runCell, save, SMALL, test } from './lab';

/** The layout and what views keep are saved a moment after they changed. */
const KEPT = 1500;

test('the panel of a notebook that was renamed comes back after a reload, with its view', async ({ page, tmpPath }) => {
  await makeNotebook(page, tmpPath, 'before.ipynb', [SMALL]);
  const panel = await openPanel(page);
  await runCell(page, 0);
  await panel.tab('Values');
  await page.waitForTimeout(KEPT);
  await activate(page, 'before.ipynb');
  await save(page);
  await execute(page, 'docmanager:rename');
  await page.locator('.jp-Dialog input').fill('after.ipynb');
  await page.keyboard.press('Enter');
  await expect(page.locator('.lm-TabBar-tab', { hasText: /^after$/ })).toBeVisible();
  await page.waitForTimeout(KEPT);
  await reload(page);
  const again = new Panel(page);
  await expect(again.node).toBeVisible({ timeout: 60000 });
  await expect(page.locator('.lm-TabBar-tab', { hasText: /^after$/ })).toBeVisible();
  await expect(again.node.locator('.jp-glnb-tabs .lm-TabBar-tab.lm-mod-current')).toHaveText('Values');
});
