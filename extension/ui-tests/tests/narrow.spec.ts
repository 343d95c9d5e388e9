import { expect, openNotebook, openPanel, Panel, runCell, test } from './lab';

/** What of the panel is cut off: controls beyond its edges, and words that are longer than their place. */
function cutOff(panel: Panel): Promise<string[]> {
  return panel.node.evaluate(node => {
    const edge = node.getBoundingClientRect();
    const words = '.jp-glnb-status, .lm-TabBar-tab, .lm-TabBar-tabLabel, button';
    return [...node.querySelectorAll<HTMLElement>(`${words}, input, select`)].flatMap(element => {
      const box = element.getBoundingClientRect();
      const scrolls = element.closest('[role=tree], .jp-glnb-values-card, .jp-glnb-curves-list');
      if (!element.checkVisibility({ visibilityProperty: true }) || box.width < 2 || scrolls) {
        return [];
      }
      const beyond = box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1;
      const short = element.matches(words) && element.scrollWidth > element.clientWidth + 1;
      return beyond || short ? [`${element.outerHTML.slice(0, 120)} ${beyond ? 'beyond' : 'short'}`] : [];
    });
  });
}

for (const [width, height, most] of [
  [700, 800, 330],
  [600, 800, 260],
  [430, 500, 190]
]) {
  test(`in a window ${width} pixels wide all is there and can be read`, async ({ page, tmpPath }) => {
    await openNotebook(page, tmpPath, 'deep.ipynb');
    const panel = await openPanel(page);
    await page.sidebar.close('left');
    await page.setViewportSize({ width, height });
    await expect.poll(async () => (await panel.node.boundingBox())!.width).toBeLessThan(most);
    // A long line takes as many rows as it needs, above the tabs.
    await expect(panel.status).toContainText('run a cell with "import graphlab_nb"');
    const below = async () => {
      const line = (await panel.status.boundingBox())!;
      const tabs = (await panel.node.locator('.jp-glnb-tabs').boundingBox())!;
      return tabs.y - line.y - line.height;
    };
    await expect.poll(below).toBeGreaterThanOrEqual(-1);
    expect(await cutOff(panel)).toEqual([]);
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await panel.is('running', 60000);
    for (const tab of ['Graph', 'Values', 'Curves'] as const) {
      await panel.tab(tab);
      await page.waitForTimeout(700);
      expect(await cutOff(panel)).toEqual([]);
      await page.screenshot({ path: `test-results/narrow-${width}-${tab}.png` });
    }
    // The legend leaves the graph its place.
    await panel.tab('Graph');
    await panel.node.getByRole('combobox', { name: 'Colour by' }).selectOption('device');
    const legend = await panel.node.locator('.jp-glnb-graph-legend').boundingBox();
    const canvas = await panel.node.getByRole('application', { name: /^Graph/ }).boundingBox();
    expect(legend!.height).toBeLessThan(0.34 * canvas!.height);
    await panel.pause();
    await panel.button('stop').click();
    await panel.is('idle');
  });
}
