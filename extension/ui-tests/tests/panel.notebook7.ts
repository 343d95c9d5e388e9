import { expect, Page, test } from '@playwright/test';
import { ENDLESS, notebookOf, SMALL } from './lab';

const NAME = 'small7.ipynb';

/** Puts a notebook on the server, and opens it in Notebook 7. */
async function openIt(page: Page): Promise<void> {
  const content = notebookOf([SMALL, ENDLESS]);
  const made = await page.request.put(`/api/contents/${NAME}`, { data: { type: 'notebook', content } });
  expect(made.ok()).toBe(true);
  await page.goto(`/notebooks/${NAME}`);
  await expect(page.locator('.jp-Notebook .jp-CodeCell').first()).toBeVisible({ timeout: 60000 });
}

async function run(page: Page, at: number): Promise<void> {
  await page.locator('.jp-CodeCell .cm-content').nth(at).click();
  await page.keyboard.press('Control+Enter');
}

test.afterEach(async ({ request }) => {
  const sessions = (await (await request.get('/api/sessions')).json()) as { id: string }[];
  await Promise.all(sessions.map(({ id }) => request.delete(`/api/sessions/${id}`)));
});

test('in Notebook 7 the panel comes back after a reload in mid-cell, and stays away where it was closed', async ({
  page
}) => {
  await openIt(page);
  const panel = page.locator('.jp-glnb-panel');
  const is = (state: string) =>
    expect(panel.locator('.jp-glnb-controls')).toHaveAttribute('data-state', state, { timeout: 30000 });
  await expect(panel).toHaveCount(0);
  await page.locator('[data-command="graphlab-nb:open-panel"]').click();
  await expect(panel).toBeVisible();
  await is('missing'); // the kernel is there
  await run(page, 0);
  await is('idle');
  await panel.getByRole('tab', { name: 'Curves' }).click();
  await run(page, 1);
  await is('running');
  await page.waitForTimeout(1000); // what is to be found again is kept a moment later

  await page.reload();
  await expect(panel).toBeVisible({ timeout: 60000 });
  await is('running');
  await expect(panel.getByRole('tab', { name: 'Curves' })).toHaveAttribute('aria-selected', 'true');
  await expect(panel.getByRole('group', { name: 'loss', exact: true })).toBeVisible();
  // It took the keyboard from nobody.
  expect(await panel.evaluate(node => node.contains(document.activeElement))).toBe(false);
  await panel.locator('[data-name=pause]').click();
  await is('paused');
  await panel.locator('[data-name=pause]').click();
  await is('running');
  await panel.locator('[data-name=stop]').click();
  await is('idle');

  await page.locator('.jp-SidePanel-collapse').filter({ visible: true }).click({ timeout: 5000 });
  await expect(panel).toBeHidden();
  await page.waitForTimeout(1000);
  await page.reload();
  await expect(page.locator('.jp-Notebook .jp-CodeCell').first()).toBeVisible({ timeout: 60000 });
  await page.waitForTimeout(2000);
  await expect(panel).toHaveCount(0);
  await page.locator('[data-command="graphlab-nb:open-panel"]').click();
  await expect(panel).toBeVisible();
});
