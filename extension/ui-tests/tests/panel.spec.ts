import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';
import * as fs from 'fs';
import { openNotebook, openPanel, Panel, runCell, setTheme } from './lab';

test.use({ autoGoto: true });

test.describe('the panel', () => {
  test('opens beside the notebook from toolbar and palette, and says what it waits for', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await expect(panel.status).toContainText('import graphlab_nb');
    const notebook = (await page.locator('.jp-NotebookPanel').boundingBox())!;
    const beside = (await panel.node.boundingBox())!;
    expect(beside.x).toBeGreaterThanOrEqual(notebook.x + notebook.width - 1);
    await panel.node.page().locator('.lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabCloseIcon').last().click();
    await expect(panel.node).toHaveCount(0);
    await page.notebook.activate('softmax.ipynb');
    await page.keyboard.press('Control+Shift+c');
    await page.locator('.lm-CommandPalette-input').fill('Show Graph, Values and Curves');
    await page.keyboard.press('Enter');
    await expect(panel.node).toBeVisible();
  });

  test('shows the graph that cells build, and folds and unfolds it by keyboard', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await expect(panel.status).toHaveText(/Idle/);
    await runCell(page, 1);
    await panel.node.getByRole('button', { name: /tree|list/i }).first().click();
    const tree = panel.node.getByRole('tree');
    await expect(tree).toBeVisible();
    const scope = tree.getByRole('treeitem', { name: /conv1/ }).first();
    await expect(scope).toHaveAttribute('aria-expanded', 'false');
    await scope.click();
    await page.keyboard.press('ArrowRight');
    await expect(scope).toHaveAttribute('aria-expanded', 'true');
    await expect(tree.getByRole('treeitem', { name: /Conv2D/ }).first()).toBeVisible();
    await page.keyboard.press('ArrowLeft');
    await expect(scope).toHaveAttribute('aria-expanded', 'false');
  });

  test('pauses, steps, resumes and stops a training, and shows its loss and values meanwhile', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await expect(panel.status).toHaveText(/Step [\d,]+, .* per second/);

    await panel.tab('Curves');
    await expect(panel.node.getByRole('application', { name: /cross_entropy/ })).toBeVisible();

    await panel.tab('Values');
    await expect(panel.node.getByText(/2 of 2 shown, step \d+/)).toBeVisible();

    await panel.button('pause').click();
    await expect(panel.status).toHaveText(/Paused before step/);
    const before = await panel.steps();
    await page.waitForTimeout(500);
    expect(await panel.steps()).toBe(before);
    await panel.node.locator('.jp-glnb-count').fill('3');
    await panel.button('step').click();
    await expect(panel.status).toHaveText(/Stepped to step/);
    await expect(panel.status).toHaveText(/^Paused before step/, { timeout: 10000 });
    await panel.button('pause').click();
    await expect(panel.status).toHaveText(/per second/, { timeout: 10000 });
    await panel.button('stop').click();
    await expect(page.locator('.jp-Notebook .jp-OutputArea-output').last()).toContainText('Training stopped');
    await expect(panel.status).toHaveText(/Idle after [\d,]+ steps/, { timeout: 10000 });
    // Nothing is lost: the next cell uses what was trained.
    await runCell(page, 3);
    const accuracy = await page.locator('.jp-Notebook .jp-OutputArea-output').last().textContent();
    expect(Number(accuracy)).toBeGreaterThan(0.85);
  });

  test('comes back after a reload in the middle of a cell, with its history and its control', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await panel.tab('Curves');
    await panel.passes(500);
    await page.waitForTimeout(1500); // the layout is kept a moment after it changed
    const before = await panel.steps();
    await page.reload({ waitForIsReady: false });
    const again = new Panel(page);
    await expect(again.node).toBeVisible({ timeout: 60000 });
    await again.passes(before);
    await expect(again.node.getByRole('application', { name: /cross_entropy/ })).toBeVisible();
    await again.button('pause').click();
    await expect(again.status).toHaveText(/Paused before step/);
    await again.button('stop').click();
    await expect(again.status).toHaveText(/Idle after/, { timeout: 15000 });
  });

  test('says so when the kernel restarts, and forgets what it knew', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await expect(panel.status).toHaveText(/Idle/);
    await page.evaluate(async () => {
      const app = (window as unknown as { jupyterapp: { commands: { execute(id: string): Promise<unknown> } } }).jupyterapp;
      void app.commands.execute('notebook:restart-kernel');
    });
    await page.locator('.jp-Dialog button.jp-mod-warn').click();
    await expect(panel.status).toContainText('import graphlab_nb', { timeout: 30000 });
    await runCell(page, 0);
    await expect(panel.status).toHaveText(/Idle/);
  });

  test('interrupts as Jupyter does, while paused', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await expect(panel.status).toHaveText(/per second/);
    await panel.button('pause').click();
    await expect(panel.status).toHaveText(/Paused/);
    await page.locator('.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]').click();
    await expect(page.locator('.jp-Notebook .jp-OutputArea-output').last()).toContainText('KeyboardInterrupt');
    await expect(panel.status).toHaveText(/Idle after/, { timeout: 15000 });
  });

  for (const dark of [false, true]) {
    test(`has nothing that axe objects to, ${dark ? 'dark' : 'light'}`, async ({ page, tmpPath }) => {
      await openNotebook(page, tmpPath, 'deep.ipynb');
      await setTheme(page, dark);
      const panel = await openPanel(page);
      await runCell(page, 0);
      await runCell(page, 1);
      await runCell(page, 2, false);
      for (const tab of ['Graph', 'Values', 'Curves'] as const) {
        await panel.tab(tab);
        await page.waitForTimeout(1500);
        await page.screenshot({ path: `test-results/${tab}-${dark ? 'dark' : 'light'}.png` });
        const found = await new AxeBuilder({ page }).include('.jp-glnb-panel').analyze();
        expect(found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)).toEqual([]);
      }
      await panel.button('stop').click();
    });
  }

  test('exports the picture', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    for (const [name, start] of [
      ['SVG', '<'],
      ['PNG', '\u0089PNG'],
      ['JSON', '{']
    ]) {
      const more = panel.node.getByRole('menuitem', { name: new RegExp(name) });
      if (!(await more.isVisible())) {
        await panel.node.getByRole('button', { name: /more/i }).first().click();
      }
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: new RegExp(name) }).click()]);
      const data = fs.readFileSync(await download.path(), 'latin1');
      expect(data.startsWith(start)).toBe(true);
      expect(data.length).toBeGreaterThan(1000);
    }
  });
});
