import { activate, expect, makeNotebook, openPanel, runCell, SMALL, test } from './lab';

const NET = `import graphlab_nb as tf, time
x = tf.placeholder(tf.float32, [None, 4], name="x")
W = tf.Variable(tf.ones([3, 4]), name="W")
y = tf.matmul(x, W, transpose_b=True, name="product")
z = tf.exp(y, name="z")`;
const RUN = `sess = tf.Session()
sess.run(tf.global_variables_initializer())
sess.run(y, {x: [[1.0, 2.0, 3.0, 4.0]]})`;
const EVALUATE = `end = time.time() + 60
while time.time() < end:
    sess.run(y, {x: [[1.0, 2.0, 3.0, 4.0]]})
    time.sleep(0.01)`;

test.describe('where things are', () => {
  test('operations are found by attribute and by device, and coloured by it after any run', async ({
    page,
    tmpPath
  }) => {
    await makeNotebook(page, tmpPath, 'net.ipynb', [NET, RUN]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await expect.poll(() => panel.boxes()).toContain('product');
    const search = panel.node.getByRole('searchbox');
    const found = panel.node.locator('.jp-glnb-graph-found');
    for (const text of ['transpose_b:true', 'attr:transpose_b', 'transpose_a=false', '/transpose_b=true/']) {
      await search.fill(text);
      await expect(found).toHaveText('1 found');
    }
    await search.fill('device:/cpu:0');
    const chip = panel.node.locator('.jp-glnb-graph-chip:visible');
    await expect(chip).toHaveText('Nothing ran yet: devices are known after a run.');
    await panel.node.getByRole('combobox', { name: 'Colour by' }).selectOption('device');
    const legend = panel.node.locator('.jp-glnb-graph-legend');
    await expect(legend).toHaveText('No session is open: devices are known after a run.');
    await runCell(page, 1);
    await expect(legend).toHaveText('/cpu:0');
    await expect(legend.locator('[title]')).toHaveAttribute('title', '/job:localhost/replica:0/task:0/device:CPU:0');
    await expect(found).toHaveText(/[1-9]\d* found/);
    await expect(chip).toHaveCount(0);
    await search.fill('device:cpu type:Exp');
    await expect(found).toHaveText('nothing');
  });

  test('a second notebook keeps its width, and its panel comes forward with it', async ({ page, tmpPath }) => {
    const tab = (name: string) =>
      page.locator('.lm-DockPanel-tabBar .lm-TabBar-tab', { hasText: new RegExp(`^${name}$`) });
    const width = async () => (await page.locator('.jp-Notebook:visible').first().boundingBox())!.width;
    await makeNotebook(page, tmpPath, 'one.ipynb', [SMALL]);
    await openPanel(page);
    const alone = await width();
    await makeNotebook(page, tmpPath, 'two.ipynb', [SMALL]);
    await openPanel(page, 1);
    await expect(page.locator('.lm-DockPanel-tabBar')).toHaveCount(2);
    expect(await width()).toBeGreaterThan(alone - 10);
    await expect(tab('two')).toHaveClass(/lm-mod-current/);
    const tabs = await page
      .locator('.lm-DockPanel-tabBar')
      .evaluateAll(bars =>
        bars.map(bar => [...bar.querySelectorAll('.lm-TabBar-tabLabel')].map(({ textContent }) => textContent))
      );
    expect(tabs).toEqual([expect.arrayContaining(['one.ipynb', 'two.ipynb']), ['one', 'two']]);
    await activate(page, 'one.ipynb');
    await expect(tab('one')).toHaveClass(/lm-mod-current/);
    await expect(page.locator('.jp-glnb-panel:visible')).toHaveCount(1);
    // The keyboard stays with the notebook.
    expect(await page.evaluate(() => !!document.activeElement?.closest('.jp-glnb-panel'))).toBe(false);
    await activate(page, 'two.ipynb');
    await expect(tab('two')).toHaveClass(/lm-mod-current/);
    // A notebook that is closed takes its panel along.
    await page.notebook.close(true);
    await expect(tab('two')).toHaveCount(0);
    await expect(tab('one')).toHaveCount(1);
    await expect(page.locator('.jp-glnb-panel')).toHaveCount(1);
  });

  test('cells that train nothing make runs, and a wrong number of steps is refused', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'net.ipynb', [NET, RUN, EVALUATE, 'time.sleep(4)']);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await runCell(page, 1);
    await runCell(page, 2, false);
    await panel.is('running');
    await expect(panel.status).toHaveText(/^Run [\d,]+, [\d,.]+ per second$/);
    await panel.pause();
    await expect(panel.status).toHaveText(/^Paused before run [\d,]+, after \d+ ms\.$/);
    const runs = await panel.runs();
    const field = panel.node.locator('.jp-glnb-count');
    for (const text of ['0', '-1', '2.7', '1e9', '']) {
      await field.fill(text);
      await panel.button('step').click();
      await expect(panel.status).toHaveText('Not sent: steps are a whole number from 1 to 1,000,000.');
      await expect(field).toHaveAttribute('aria-invalid', 'true');
      await expect(panel.node.locator('.jp-glnb-count-bad')).toBeVisible();
    }
    expect(await panel.runs()).toBe(runs);
    await field.fill('3');
    await panel.button('step').click();
    await expect(panel.status).toHaveText(/^Stepped to run/);
    await expect.poll(() => panel.runs()).toBe(runs + 3);
    await panel.stop();
    await runCell(page, 3, false);
    await panel.is('busy');
    await panel.button('pause').click();
    await expect(panel.status).toHaveText('Sent; it takes effect when the cell runs a graph …');
  });
});
