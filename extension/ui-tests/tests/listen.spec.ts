import { expect, openNotebook, openPanel, runCell, test } from './lab';

test('graph, values and curves are there in words for who does not see them', async ({ page, tmpPath }) => {
  await openNotebook(page, tmpPath, 'deep.ipynb');
  const panel = await openPanel(page);
  await runCell(page, 0);
  await runCell(page, 1);

  // The graph: a tree of scopes and operations, with what reads each, by keyboard alone.
  await panel.node.getByRole('button', { name: 'Show as a list' }).focus();
  await page.keyboard.press('Enter');
  const tree = panel.node.getByRole('tree', { name: 'Scopes and operations of the graph' });
  const scope = tree.getByRole('treeitem', { name: /^loss/ }).first();
  await expect(scope).toHaveAttribute('aria-expanded', 'false');
  await tree.locator('[role=treeitem][tabindex="0"]').focus();
  await page.keyboard.press('Home');
  for (let i = 0; i < 20 && !(await scope.evaluate(node => node === document.activeElement)); i++) {
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('ArrowRight');
  await expect(scope).toHaveAttribute('aria-expanded', 'true');
  expect(await tree.ariaSnapshot()).toMatch(/treeitem "cross_entropy Mean" \[level=2\]/);
  await expect(tree.getByRole('treeitem', { name: /^x Placeholder/ })).toHaveAccessibleDescription(
    /^x, Placeholder, \?x784, read by conv1\//
  );

  await runCell(page, 2, false);
  await panel.is('running', 60000);

  // The table of values, which is drawn, as a table; the picture of a tensor in a sentence.
  const card = await panel.openTensor('conv1/W:0');
  const table = panel.node.getByRole('table', { name: /^Variables 1 to \d+ of \d+, step \d+$/ });
  await expect(table).toHaveCount(1);
  const rows = await table.ariaSnapshot();
  expect(rows).toMatch(/columnheader "Mean"/);
  expect(rows).toMatch(/rowheader "conv1\/W:0"/);
  expect(rows).toMatch(/cell "5×5×1×32"/);
  const picture = card.getByRole('application', { name: /^Pictures/ });
  await expect(picture).toHaveAccessibleDescription(
    /^conv1\/W:0, float32 5×5×1×32, from -[\d.]+ to [\d.]+, \d+ % negative, [\d.<]+ % zero$/
  );

  // Curves: what stands at a chart, and how the training went, said where it is over.
  await panel.tab('Curves');
  const chart = panel.node.getByRole('application', { name: 'Chart of loss/cross_entropy' });
  await expect(chart).toHaveAccessibleDescription(/: [\d.]+ at step \d+.*; lowest [\d.]+ at step \d+/);
  await panel.passes(60);
  const said = panel.node.locator('.jp-glnb-curves [aria-live=polite]');
  await panel.stop();
  await expect(said).toHaveText(
    /^loss\/cross_entropy fell from [\d.]+ to [\d.]+ over [\d,]+ steps, lowest [\d.]+ at step [\d,]+\.$/
  );
  const legend = panel.node.getByRole('table', { name: /^Last and best values/ });
  expect(await legend.ariaSnapshot()).toMatch(/columnheader "at step"/);
});
