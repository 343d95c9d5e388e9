import {
  activate,
  cellOf,
  ENDLESS,
  execute,
  expect,
  makeNotebook,
  openPanel,
  outputOf,
  Panel,
  runCell,
  SMALL,
  test
} from './lab';

const WATCHERS = `from graphlab_nb.session.hooks import WATCHERS
from graphlab_nb.notebook.bridge import BRIDGE
print("watched by", len(WATCHERS), [(c.interest["values"], len(c.interest["pictures"])) for c in BRIDGE.clients.values()])`;

test.describe('several pages and notebooks', () => {
  test('two pages with one notebook both follow and both command', async ({ page, tmpPath, baseURL }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    const second = await page.context().newPage();
    await second.goto(`${baseURL}/lab/workspaces/second/tree/${tmpPath}/small.ipynb?reset`);
    await second.locator('.jp-NotebookPanel-toolbar [data-command="graphlab-nb:open-panel"]').click({ timeout: 60000 });
    const other = new Panel(second);
    await other.is('idle');
    await expect.poll(() => other.boxes()).toContain('w/');

    await runCell(page, 1, false);
    await panel.is('running');
    await other.is('running');
    await panel.tab('Curves');
    await other.tab('Curves');
    await expect.poll(async () => (await panel.curve('loss')).length).toBeGreaterThan(20);
    await expect.poll(async () => (await other.curve('loss')).length).toBeGreaterThan(20);
    const made = await panel.pause();
    await other.is('paused');
    await expect(other.status).toHaveText(/^Paused before step/);
    const card = await other.openTensor('w:0');
    await expect(card.locator('.jp-glnb-values-step')).toHaveText(`Step ${made.toLocaleString('en')}`);
    await other.step(2);
    await panel.is('paused');
    await expect.poll(() => panel.made()).toBe(made + 2);
    // Each has the tensor that it opened, and no other's.
    await panel.openTensor('w:0');
    await second.close();
    await panel.step(1);
    await panel.resume();
    const point = (await panel.curve('loss')).length;
    await expect.poll(async () => (await panel.curve('loss')).length).toBeGreaterThan(point);
    await panel.stop();
  });

  test('two notebooks each have a panel of their own', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'one.ipynb', [SMALL, ENDLESS]);
    const one = await openPanel(page, 0);
    await runCell(page, 0);
    await runCell(page, 1, false);
    await one.is('running');
    await makeNotebook(page, tmpPath, 'two.ipynb', [
      'import graphlab_nb as tf\nc = tf.constant(1.0, name="only_here")'
    ]);
    const two = await openPanel(page, 1);
    await runCell(page, 0);
    await two.is('idle');
    await expect.poll(() => two.boxes()).toEqual(['only_here']);
    await one.is('running');
    expect(await one.boxes()).toContain('w/');
    await activate(page, 'two.ipynb');
    await execute(page, 'graphlab-nb:open-panel');
    await expect(page.locator('.jp-glnb-panel')).toHaveCount(2);
    await page.locator('.lm-TabBar-tab', { hasText: /^one$/ }).click();
    await one.stop();
    await two.is('idle');
  });

  test('a closed panel costs nothing any more, and a hidden one asks for nothing', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'small.ipynb', [SMALL, ENDLESS, WATCHERS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 2);
    await expect(outputOf(page, 2)).toContainText('watched by 1 [(None, 0)]');
    await panel.openTensor('w:0');
    await expect(panel.node.locator('.jp-glnb-values-step')).toContainText('Step');
    await runCell(page, 2);
    await expect(outputOf(page, 2)).toContainText(/watched by 1 \[\('s\d+', 1\)\]/);
    await panel.tab('Curves');
    await page.waitForTimeout(300);
    await runCell(page, 2);
    await expect(outputOf(page, 2)).toContainText('watched by 1 [(None, 0)]');
    await runCell(page, 1, false);
    await panel.is('running');
    const close = page.locator('.lm-TabBar-tab', { hasText: /^small$/ }).locator('.lm-TabBar-tabCloseIcon');
    // What is paused stays so without the panel, and that is said.
    await panel.pause();
    await close.click();
    await expect(panel.node).toHaveCount(0);
    await page.getByRole('button', { name: 'Open the panel', exact: true }).click();
    await panel.is('paused');
    await panel.stop();
    await close.click();
    await expect(panel.node).toHaveCount(0);
    // Sooner than its lease would end.
    await expect(async () => {
      await runCell(page, 2);
      await expect(outputOf(page, 2)).toContainText('watched by 0 []', { timeout: 500 });
    }).toPass({ timeout: 4000 });
    await expect(cellOf(page, 1)).toBeVisible();
    await openPanel(page);
    await panel.is('idle');
    await expect.poll(async () => (await panel.curve('loss')).length).toBeGreaterThan(0);
    await page.locator('.lm-TabBar-tab', { hasText: 'small.ipynb' }).locator('.lm-TabBar-tabCloseIcon').click();
    await page.locator('.jp-Dialog button.jp-mod-warn', { hasText: 'Discard' }).click();
    await expect(panel.node).toHaveCount(0);
  });

  test('%glnb panel opens it, and so does the launcher', async ({ page, tmpPath }) => {
    const card = page.locator('.jp-LauncherCard', { hasText: 'Notebook with Graph' });
    await expect(card).toBeVisible();
    await makeNotebook(page, tmpPath, 'small.ipynb', ['%load_ext graphlab_nb', '%glnb panel']);
    await runCell(page, 0);
    await runCell(page, 1);
    const panel = new Panel(page);
    await panel.is('idle');
    await runCell(page, 1);
    await expect(page.locator('.jp-glnb-panel')).toHaveCount(1);
    await page.locator('.lm-TabBar-tab', { hasText: 'Launcher' }).click();
    await card.click();
    await expect(page.locator('.jp-NotebookPanel')).toHaveCount(2, { timeout: 30000 });
    await expect(page.locator('.jp-glnb-panel')).toHaveCount(2);
  });
});
