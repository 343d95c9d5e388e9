import { cellOf, colours, expect, makeNotebook, openNotebook, openPanel, outputOf, runCell, test } from './lab';

test.describe('while a cell trains', () => {
  test('softmax: curves, values, an opened weight, pause, step, resume, stop @smoke', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await expect.poll(() => panel.boxes()).toContain('W/');
    await runCell(page, 2, false);
    await expect(panel.status).toHaveText(/^Step [\d,]+, .* per second$/);

    await panel.tab('Curves');
    await panel.passes(500);
    const { last, best } = await panel.legend('cross_entropy');
    const curve = await panel.curve('cross_entropy');
    expect(curve.begin).toBe(0);
    expect(curve.first).toBeCloseTo(Math.log(10), 3);
    expect(last).toBeLessThan(curve.first / 2);
    expect(best).toBeLessThanOrEqual(last);

    const card = await panel.openTensor('W:0');
    await expect(panel.node.getByText(/2 of 2 shown, step [\d,]+/)).toBeVisible();
    await expect(card.getByRole('combobox', { name: 'Show' })).toBeVisible();
    const statistics = card.locator('.jp-glnb-values-statistics');
    await expect(statistics).toContainText('Norm');
    const early = await statistics.textContent();
    await expect(statistics).not.toHaveText(early ?? '');
    expect(await colours(card.locator('canvas:visible').first())).toBeGreaterThan(10);

    const made = await panel.pause();
    await expect(card.locator('.jp-glnb-values-step')).toHaveText(`Step ${made.toLocaleString('en')}`);
    const held = await statistics.textContent();
    await page.waitForTimeout(700);
    expect(await statistics.textContent()).toBe(held);
    expect(await panel.made()).toBe(made);
    await expect(panel.status).toHaveText(new RegExp(`^Paused before step ${(made + 1).toLocaleString('en')}\\b`));

    await panel.step(3);
    expect(await panel.made()).toBe(made + 3);
    await panel.step(500); // three steps change less than the digits that are shown
    await expect(statistics).not.toHaveText(held ?? '');
    await panel.resume();
    await panel.passes(made + 10);
    await panel.stop();
    await expect(outputOf(page, 2)).toContainText('Training stopped');
    const stopped = await panel.made();

    // Nothing is lost: the next cell uses what was trained, and the same cell goes on from there.
    await runCell(page, 3);
    expect(Number(await outputOf(page, 3).textContent())).toBeGreaterThan(0.85);
    await runCell(page, 2, false);
    await panel.passes(stopped + 20);
    expect((await panel.curve('cross_entropy')).first).toBeLessThan(1);
    await panel.stop();
  });

  test('deep: the graph, filters as pictures, pause, step, stop @smoke', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await expect.poll(() => panel.boxes()).toEqual(expect.arrayContaining(['conv1/', 'conv2/', 'dense/', 'loss/']));
    await runCell(page, 2, false);
    await panel.is('running', 60000);
    await panel.tab('Curves');
    await panel.passes(40);
    await expect.poll(async () => (await panel.legend('loss/cross_entropy')).best).toBeLessThan(2);

    const card = await panel.openTensor('conv1/W:0');
    await expect(card.getByRole('combobox', { name: 'Show' })).toHaveValue('filters');
    await expect(card.locator('.jp-glnb-values-facts')).toHaveText(/5×5×1×32/);
    const picture = card.locator('canvas:visible').first();
    await expect.poll(() => colours(picture)).toBeGreaterThan(30);

    const made = await panel.pause();
    await expect(card.locator('.jp-glnb-values-step')).toHaveText(`Step ${made.toLocaleString('en')}`);
    const held = await card.locator('.jp-glnb-values-statistics').textContent();
    await panel.step(3);
    expect(await panel.made()).toBe(made + 3);
    await expect(card.locator('.jp-glnb-values-statistics')).not.toHaveText(held ?? '');
    await panel.resume();
    await panel.stop();
    await expect(cellOf(page, 2).locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/);
    await expect(outputOf(page, 2)).toContainText('Training stopped');
  });

  test('a node tells its line of the notebook, and a line its nodes', async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'softmax.ipynb');
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await panel.node.getByRole('searchbox', { name: 'Search operations' }).fill('type:MatMul');
    await page.keyboard.press('Enter');
    const link = panel.node.getByRole('button', { name: /^In \[2\], line 4$/ });
    await expect(link).toBeVisible();
    await link.click();
    await expect(cellOf(page, 1)).toHaveClass(/jp-mod-active/);
    await expect(cellOf(page, 1).locator('.cm-editor')).toHaveClass(/cm-focused/);
    await expect(page.getByRole('button', { name: /^Ln 4, Col 1$/ })).toBeVisible();
    await expect.poll(() => panel.marked()).toBeGreaterThan(1);
    // The cursor stands in the cell by now: a line that makes one operation marks that one.
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => panel.marked()).toBe(1);
    await cellOf(page, 0).locator('.cm-content').click();
    await expect.poll(() => panel.marked()).toBe(0);
  });

  test('links and marks follow lines of a cell that was edited, and say where they cannot', async ({
    page,
    tmpPath
  }) => {
    const cell = 'a = tf.constant(1.0, name="a")\nb = tf.exp(a, name="b")\nc = tf.neg(b, name="c")';
    await makeNotebook(page, tmpPath, 'edited.ipynb', ['import graphlab_nb as tf', cell]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await panel.node.getByRole('searchbox', { name: 'Search operations' }).fill('/^b$/');
    await page.keyboard.press('Enter');
    const link = panel.node.getByRole('button', { name: /^In \[2\], line 2$/ });
    await expect(link).toBeVisible();
    await cellOf(page, 1).locator('.cm-content').click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('# the first line\n# and the second\n');
    await link.click();
    await expect(page.getByRole('button', { name: /^Ln 4, Col 1$/ })).toBeVisible();
    await expect.poll(() => panel.marked()).toBe(1);
    await page.keyboard.press('Shift+End');
    await page.keyboard.type('b = a');
    await link.click();
    await expect(panel.status).toHaveText('The line that made it was changed since the cell ran.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('d');
    await page.keyboard.press('d');
    await expect(page.locator('.jp-CodeCell')).toHaveCount(1);
    await link.click();
    await expect(panel.status).toHaveText('The cell that made it is not in the notebook any more.');
  });
});
