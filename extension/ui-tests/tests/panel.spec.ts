import AxeBuilder from '@axe-core/playwright';
import * as fs from 'fs';
import { activate, expect, openNotebook, openPanel, runCell, setTheme, test, THEMES } from './lab';

test.describe('the panel', () => {
  test('opens beside the notebook from toolbar and palette, and says what it waits for @smoke', async ({
    page,
    tmpPath
  }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await expect(panel.status).toContainText('import graphlab_nb');
    const notebook = (await page.locator('.jp-NotebookPanel').boundingBox())!;
    const beside = (await panel.node.boundingBox())!;
    expect(beside.x).toBeGreaterThanOrEqual(notebook.x + notebook.width - 1);
    await panel.node
      .page()
      .locator('.lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current .lm-TabBar-tabCloseIcon')
      .last()
      .click();
    await expect(panel.node).toHaveCount(0);
    await activate(page, 'softmax.ipynb');
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
    await panel.node
      .getByRole('button', { name: /tree|list/i })
      .first()
      .click();
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

  test('has nothing that axe objects to, in any theme', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await panel.is('running', 60000);
    await panel.openTensor('conv1/W:0');
    for (const theme of THEMES) {
      await setTheme(page, theme);
      for (const tab of ['Graph', 'Values', 'Curves'] as const) {
        await panel.tab(tab);
        await page.waitForTimeout(1000);
        await page.screenshot({ path: `test-results/${tab}-${theme.slice(11).toLowerCase().replace(/ /g, '-')}.png` });
        const found = await new AxeBuilder({ page }).include('.jp-glnb-panel').analyze();
        expect(found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)).toEqual([]);
      }
    }
    await panel.stop();
  });

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
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: new RegExp(name) }).click()
      ]);
      const data = fs.readFileSync(await download.path(), 'latin1');
      expect(data.startsWith(start)).toBe(true);
      expect(data.length).toBeGreaterThan(1000);
    }
  });
});
