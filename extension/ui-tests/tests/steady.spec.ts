import { expect, openNotebook, openPanel, runCell, test } from './lab';

for (const width of [1100, 600]) {
  test(`in a window ${width} pixels wide no message changes the height of the views`, async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await page.sidebar.close('left');
    await page.setViewportSize({ width, height: 800 });
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await panel.is('running', 60000);
    const tabs = panel.node.locator('.jp-glnb-tabs');
    const canvas = panel.node.locator('.jp-glnb-graph-canvas');
    await panel.node.locator('[aria-label="Fit the graph into the view"]').click();
    await panel.pause();
    await expect(panel.status).toHaveText(/^Paused before step [\d,]+$/, { timeout: 15000 });
    const place = async () => [await tabs.boundingBox(), await canvas.boundingBox()];
    const before = await place();
    await panel.node.locator('.jp-glnb-count').fill('0');
    await panel.button('step').click();
    const text = 'Not sent: steps are a whole number from 1 to 1,000,000.';
    await expect(panel.status).toHaveText(text);
    await expect(panel.status).toHaveAttribute('title', text);
    await page.waitForTimeout(300);
    expect(await place()).toEqual(before);
    await page.screenshot({ path: `test-results/steady-${width}.png` });
    await panel.node.locator('.jp-glnb-count').fill('1000000');
    const field = panel.node.locator('.jp-glnb-count');
    expect(await field.evaluate(input => input.scrollWidth - input.clientWidth)).toBeLessThanOrEqual(0);
    expect(await place()).toEqual(before);
    await panel.stop();
  });
}
