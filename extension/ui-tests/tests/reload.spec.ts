import {
  ENDLESS,
  expect,
  makeNotebook,
  openNotebook,
  openPanel,
  outputOf,
  Panel,
  reload,
  runCell,
  SMALL,
  test
} from './lab';

/** The layout and what views keep are saved a moment after they changed. */
const KEPT = 1500;

test.describe('a reload in the middle of a cell', () => {
  test('finds graph, values, curves with their history, and control @smoke', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await expect.poll(() => panel.boxes()).toContain('conv1/');
    expect(await panel.boxes()).not.toContain('conv1/Relu');
    await panel.node.getByRole('application', { name: /^Graph/ }).focus();
    await panel.node.getByRole('searchbox', { name: 'Search operations' }).fill('conv1/Relu');
    await page.keyboard.press('Enter');
    await expect.poll(() => panel.boxes()).toContain('conv1/Relu');
    await runCell(page, 2, false);
    await panel.is('running', 60000);
    const card = await panel.openTensor('conv1/W:0');
    await expect(card.locator('.jp-glnb-values-step')).toContainText('Step');
    await panel.tab('Curves');
    await panel.passes(30);
    await page.waitForTimeout(KEPT);
    const before = await panel.curve('loss/cross_entropy');
    const made = await panel.made();

    await reload(page);
    const again = new Panel(page);
    await expect(again.node).toBeVisible({ timeout: 60000 });
    // Whatever Jupyter makes of the kernel's state, which it cannot ask for while a cell runs: the training runs.
    await again.is('running');
    await again.button('pause').click();
    await again.is('paused');
    expect(await again.made()).toBeGreaterThan(made);

    await expect(again.node.getByRole('group', { name: 'loss/cross_entropy' })).toBeVisible();
    await expect
      .poll(async () => (await again.curve('loss/cross_entropy')).length)
      .toBeGreaterThanOrEqual(before.length);
    const after = await again.curve('loss/cross_entropy');
    expect([after.begin, after.first]).toEqual([before.begin, before.first]);
    await again.tab('Values');
    const opened = again.node.locator('.jp-glnb-values-card:visible');
    await expect(opened.locator('.jp-glnb-values-name')).toHaveText('conv1/W:0');
    await expect(opened.locator('.jp-glnb-values-step')).toHaveText(
      `Step ${(await again.made()).toLocaleString('en')}`
    );
    await again.tab('Graph');
    await expect.poll(() => again.boxes()).toContain('conv1/Relu');
    await again.resume();
    await again.stop();
    await runCell(page, 0);
    await again.is('idle');
  });

  test('twice, and while paused', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS, 'print("went", "on")']);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1, false);
    await panel.is('running');
    const made = await panel.pause();
    await page.waitForTimeout(KEPT);
    for (let time = 0; time < 2; time++) {
      await reload(page);
      await expect(panel.node).toBeVisible({ timeout: 60000 });
      await panel.is('paused');
      expect(await panel.made()).toBe(made);
    }
    await panel.step(2);
    expect(await panel.made()).toBe(made + 2);
    await panel.stop();
    await page.waitForTimeout(500); // the kernel drops what comes while it ends a cell that failed
    await runCell(page, 2);
    await expect(outputOf(page, 2)).toContainText('went on');
  });

  test('comes back without a panel where it was closed before', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL]);
    const panel = await openPanel(page);
    await page
      .locator('.lm-TabBar-tab', { hasText: /^small$/ })
      .locator('.lm-TabBar-tabCloseIcon')
      .click();
    await expect(panel.node).toHaveCount(0);
    await page.waitForTimeout(KEPT);
    await reload(page);
    await expect(page.locator('.jp-NotebookPanel-toolbar:visible')).toBeVisible({ timeout: 60000 });
    await page.waitForTimeout(1000);
    await expect(panel.node).toHaveCount(0);
  });
});
