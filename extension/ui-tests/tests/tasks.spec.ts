import AxeBuilder from '@axe-core/playwright';
import { Page } from '@playwright/test';
import { ICluster, startCluster } from './cluster';
import { cellOf, expect, makeNotebook, openPanel, outputOf, Panel, runCell, setTheme, test, THEMES } from './lab';

const NET = ({ client, target }: ICluster) => `${client}
import graphlab_nb as tf, time
with tf.device("/job:ps/task:0"):
    w = tf.Variable(tf.zeros([40, 30]), name="w")
x = tf.placeholder(tf.float32, [None, 40], name="x")
with tf.device("/job:worker/task:0"):
    hidden = tf.matmul(x, w, name="hidden")
with tf.device("/job:worker/task:1"):
    loss = tf.reduce_mean(tf.square(hidden - 1.0), name="loss")
train = tf.train.GradientDescentOptimizer(0.001).minimize(loss)
sess = tf.Session("${target}")
sess.run(tf.initialize_all_variables())
feed = {x: [[float(k % 5) for k in range(40)]] * 8}`;

const TRAIN = `end = time.time() + 200
while time.time() < end:
    sess.run(train, feed)`;

const MANY = `for _ in range(3):
    sess.run_many(train, [feed] * 20)`;

let cluster: ICluster | undefined;

test.beforeAll(async () => {
  test.setTimeout(300000);
  const start = () => startCluster('ps=1,worker=2');
  cluster = await start().catch(start); // Ray gives up where a busy machine lets its own parts begin late
});

test.afterAll(async () => {
  test.setTimeout(60000);
  await cluster?.stop();
});

/** Runs the cell that makes the session: reaching a cluster takes its time on a machine that has much to do. */
async function connect(page: Page): Promise<void> {
  await runCell(page, 0, false);
  await expect(cellOf(page, 0).locator('.jp-InputPrompt')).toHaveText(/\[\d+\]:/, { timeout: 150000 });
}

const title = (panel: Panel) => panel.node.locator('.jp-glnb-tasks-title');

test('a training on a cluster: its lanes, loss, values and places; pause, step, stop', async ({ page, tmpPath }) => {
  test.setTimeout(240000);
  await makeNotebook(page, tmpPath, 'cluster.ipynb', [NET(cluster!), TRAIN, MANY]);
  const panel = await openPanel(page);
  await expect(panel.node.getByRole('tab', { name: 'Tasks' })).toHaveCount(0);
  await connect(page);
  await runCell(page, 1, false);
  await panel.is('running', 60000);

  await panel.tab('Tasks');
  await expect(title(panel)).toHaveText(/^Step [\d,]+: [\d.]+ ms, with the way/);
  const head = await title(panel).textContent();
  await expect(title(panel)).not.toHaveText(head ?? '');
  const rows = panel.node.locator('.jp-glnb-tasks-table').first().locator('tbody tr');
  await expect(rows.locator('th')).toHaveText(['/job:ps/task:0', '/job:worker/task:0', '/job:worker/task:1']);
  await expect(rows.first()).toContainText('4.8 kB'); // the weights, for the worker that multiplies by them
  const drawing = panel.node.locator('.jp-glnb-tasks-drawing');
  expect(await drawing.locator('rect.jp-glnb-tasks-compute').count()).toBeGreaterThanOrEqual(3);
  expect(await drawing.locator('path.jp-glnb-tasks-arrow').count()).toBeGreaterThanOrEqual(3);
  await expect(drawing.locator('.jp-glnb-tasks-bytes').first()).toContainText(/ B|kB/);

  const made = await panel.pause();
  await expect(title(panel)).toHaveText(new RegExp(`^Step ${made.toLocaleString('en')}:`));
  await panel.step(3);
  expect(await panel.made()).toBe(made + 3);
  await expect(title(panel)).toHaveText(new RegExp(`^Step ${(made + 3).toLocaleString('en')}:`));
  for (const theme of THEMES) {
    await setTheme(page, theme);
    await panel.node.getByRole('application', { name: /^Tasks/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.screenshot({ path: `test-results/tasks-${THEMES.indexOf(theme)}.png` });
    const found = await new AxeBuilder({ page }).include('.jp-glnb-panel').analyze();
    expect(found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html).join(' ')}`)).toEqual([]);
  }
  await setTheme(page, false);
  await expect(panel.node.locator('.jp-glnb-tasks [aria-live]')).toHaveText(/Computes for|Waits for|Sends|Tells/);

  const listed = panel.node.locator('.jp-glnb-values-table table');
  const card = await panel.openTensor('w:0');
  await expect(card.locator('.jp-glnb-values-step')).toHaveText(`Step ${(made + 3).toLocaleString('en')}`);
  await expect(card.locator('.jp-glnb-values-statistics')).toContainText('Norm');
  await expect(listed.locator('thead th').last()).toHaveText('Task');
  await expect(listed.locator('tbody tr', { has: page.locator('th:text-is("w:0")') })).toContainText('/job:ps/task:0');
  await page.screenshot({ path: 'test-results/tasks-values.png' });

  await panel.tab('Graph');
  await panel.node.getByRole('combobox', { name: 'Colour by' }).selectOption('device');
  const legend = panel.node.locator('.jp-glnb-graph-legend');
  await expect(legend).toContainText('/job:ps/task:0');
  await expect(legend).toContainText('/job:worker/task:1');
  await page.screenshot({ path: 'test-results/tasks-graph.png' });

  await panel.resume();
  await panel.tab('Curves');
  await panel.passes(made + 30);
  const curve = await panel.curve('loss');
  expect(curve.length).toBeGreaterThan(5);
  expect(curve.last).toBeLessThan(curve.first);
  await panel.stop();
  await expect(outputOf(page, 1)).toContainText('Training stopped');

  // Runs of one request count each, and have a point each.
  const stopped = await panel.made();
  await runCell(page, 2);
  await expect.poll(() => panel.made()).toBe(stopped + 60);
  await panel.tab('Tasks');
  await expect(title(panel)).toContainText('the last of 20 runs of one request');
});

test('the lanes have room in a narrow window', async ({ page, tmpPath }) => {
  test.setTimeout(240000);
  await makeNotebook(page, tmpPath, 'narrow.ipynb', [NET(cluster!), 'sess.run(train, feed)']);
  const panel = await openPanel(page);
  await page.sidebar.close('left');
  await page.setViewportSize({ width: 430, height: 600 });
  await connect(page);
  await runCell(page, 1);
  await panel.tab('Tasks');
  await expect(title(panel)).toHaveText(/^Step/);
  const view = panel.node.locator('.jp-glnb-tasks');
  const over = () => view.evaluate(node => node.scrollWidth - node.clientWidth);
  await expect.poll(over).toBeLessThanOrEqual(0);
  await page.screenshot({ path: 'test-results/tasks-narrow.png' });
});
