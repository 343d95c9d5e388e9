import { Download, Page } from '@playwright/test';
import { readFileSync } from 'fs';
import { cellOf, colours, expect, IExposed, makeNotebook, openPanel, runCell, test } from './lab';

const LARGE = `import graphlab_nb as tf
x = tf.constant(1.0, name="x")
for k in range(100):
    with tf.name_scope(f"block{k}"):
        for _ in range(250):
            x = tf.add(x, 1.0)
len(tf.get_default_graph().get_operations())`;

const DEVICES = `import graphlab_nb as tf
for k in range(12):
    with tf.device(f"/job:a_worker_with_a_long_name_{k}/replica:0/task:{k}/device:CPU:0"):
        tf.placeholder(tf.float32, [], name=f"fed_to_{'abcdefghijkl'[k]}")`;

/** A model, and what its cell does after it; names tell which version it is of. */
const model = (name: string, after: string) => `import graphlab_nb as tf, time
x = tf.placeholder(tf.float32, [None, 3], name="x")
${name} = tf.square(x, name="${name}")
${after}`;

/** Notes the page's longest task from now on. */
async function watch(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver(list => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      entryTypes: ['longtask']
    });
  });
  return () =>
    page.evaluate(() => Math.round(Math.max(0, ...(window as unknown as { longTasks: number[] }).longTasks)));
}

test.describe('the graph', () => {
  test('of fifty thousand operations is shown, moved and searched, and the page lives on', async ({
    page,
    tmpPath
  }) => {
    test.setTimeout(180000);
    await makeNotebook(page, tmpPath, 'large.ipynb', [LARGE]);
    await runCell(page, 0);
    await expect(page.locator('.jp-OutputArea-output').first()).toHaveText('50001', { timeout: 60000 });
    const longest = await watch(page);
    const panel = await openPanel(page);
    const canvas = panel.node.locator('.jp-glnb-graph-canvas > canvas');
    await expect.poll(() => panel.boxes(), { timeout: 60000 }).toEqual(['x', 'block0[...]']);
    await expect.poll(() => colours(canvas)).toBeGreaterThan(10);
    const box = (await canvas.boundingBox())!;
    const pixels = () => canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
    const before = await pixels();
    await page.mouse.move(box.x + 60, box.y + 300);
    await page.mouse.down();
    await page.mouse.move(box.x + 100, box.y + 340, { steps: 10 });
    await page.mouse.up();
    await expect.poll(pixels).not.toBe(before);

    const search = panel.node.getByRole('searchbox');
    await search.fill('type:Add');
    await expect(panel.node.locator('.jp-glnb-graph-found')).toHaveText('25000 found');
    await search.fill('block97/Add_100');
    await expect(panel.node.locator('.jp-glnb-graph-found')).not.toHaveText(/25000/);
    await search.press('Enter');
    await expect.poll(() => panel.boxes(), { timeout: 30000 }).toContain('block97/');
    await expect(panel.node.locator('.jp-glnb-graph-card-title')).toHaveText(/^block97\/Add_100/);
    await expect.poll(() => colours(canvas)).toBeGreaterThan(10);
    const found = await longest();
    console.log(`longest task with a graph of 50,001 operations: ${found} ms`);
    expect(found).toBeLessThan(1000);
  });

  test('tells devices in full, and gives files named after the notebook', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'my devices.ipynb', [DEVICES]);
    await runCell(page, 0);
    await page.evaluate(() => {
      const { commands } = (window as unknown as IExposed).jupyterapp;
      void commands.execute('graphlab-nb:open-panel');
    });
    const panel = await openPanel(page);
    await expect(page.locator('.jp-glnb-panel')).toHaveCount(1); // asked for twice, there is one
    await panel.node.getByRole('combobox', { name: 'Colour by' }).selectOption('device');
    const entries = panel.node.locator('.jp-glnb-graph-legend-entry');
    await expect(entries).toHaveCount(11);
    // The legend is written once more as more comes to be known of the graph.
    await expect(async () => {
      const cut = await entries.evaluateAll(all =>
        all.filter(one => one.scrollWidth > one.clientWidth + 1 || one.clientWidth > one.parentElement!.clientWidth)
      );
      expect(cut).toEqual([]);
    }).toPass();
    const legend = panel.node.locator('.jp-glnb-graph-legend');
    await expect(() => entries.last().scrollIntoViewIfNeeded()).toPass();
    await expect(entries.last()).toBeInViewport();
    expect(await legend.evaluate(node => node.scrollWidth <= node.clientWidth + 1)).toBe(true);

    const save = async (entry: string) => {
      const download = page.waitForEvent('download');
      await panel.node.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('menuitem', { name: entry }).click();
      return download;
    };
    const textOf = async (download: Download) => readFileSync((await download.path())!, 'utf8');
    const plain = await save('Save as SVG');
    expect(plain.suggestedFilename()).toBe('my-devices-graph.svg');
    await panel.node.getByRole('searchbox').fill('fed_to_c');
    await expect(panel.node.locator('.jp-glnb-graph-found')).toHaveText('1 found');
    expect(await textOf(await save('Save as SVG'))).toBe(await textOf(plain));
    expect((await save('Save as PNG')).suggestedFilename()).toBe('my-devices-graph.png');
    expect((await save('Save as JSON')).suggestedFilename()).toBe('my-devices-graph.json');
  });

  test('hides what a cell made before as soon as it makes it anew, also where another cell begins alike', async ({
    page,
    tmpPath
  }) => {
    await makeNotebook(page, tmpPath, 'again.ipynb', [model('first', ''), model('other', '')]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await expect.poll(() => panel.boxes()).toEqual(['x', 'first', 'x_1', 'other']);
    for (const [name, shown] of [
      ['second', ['x_1', 'other', 'x_2', 'second']],
      ['third', ['x_1', 'other', 'x_3', 'third']]
    ] as const) {
      await cellOf(page, 0).locator('.cm-content').click();
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(model(name, 'time.sleep(6)'));
      await runCell(page, 0, false);
      await expect.poll(() => panel.boxes()).toEqual(shown);
      await expect(cellOf(page, 0).locator('.jp-InputPrompt')).toHaveText('[*]:'); // it runs still
      await expect(cellOf(page, 0).locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/);
      expect(await panel.boxes()).toEqual(shown);
    }
  });
});
