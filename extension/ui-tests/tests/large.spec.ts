import { expect, makeNotebook, openPanel, runCell, test } from './lab';

const CHAINS = `import graphlab_nb as tf
x = tf.constant(1.0)
for i in range(25000):
    tf.exp(tf.nn.relu(tf.add(x, 1.0)))`;

const LARGE = `import graphlab_nb as tf, numpy as np
down, across = np.mgrid[0:3136, 0:1024]
noise = np.random.RandomState(0).randn(3136, 1024)
w = tf.Variable((noise + 0.2 * np.sin(down / 200) * np.cos(across / 90)).astype(np.float32), name="w")
sess = tf.InteractiveSession()
sess.run(tf.initialize_all_variables())`;

test.describe('what is large', () => {
  test('a graph without scopes is searched, gone through and listed to its end', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'chains.ipynb', [CHAINS]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    await panel.is('idle');
    const search = panel.node.getByRole('searchbox', { name: 'Search operations' });
    const found = panel.node.locator('.jp-glnb-graph-found');
    // The graph comes in parts; what is searched for is found in all of them.
    await search.fill('type:Relu');
    await expect(found).toHaveText('25000 found', { timeout: 60000 });
    const hits = panel.node.getByRole('group', { name: 'Operations that were found' });
    await expect(hits.locator('.jp-glnb-graph-entry')).toHaveCount(200);
    await hits.getByRole('button', { name: 'and 24,800 more' }).click();
    await expect(hits.locator('.jp-glnb-graph-entry')).toHaveCount(400);
    // Opens the series of 25,000 boxes in which it is.
    await search.focus();
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await panel.boxes()).length, { timeout: 30000 }).toBeGreaterThan(25000);
    await panel.node.getByRole('button', { name: 'Show as a list' }).click();
    const row = panel.node.locator('.jp-glnb-graph-tree-row').first();
    await row.click();
    await page.keyboard.press('End');
    await expect(panel.node.locator('.jp-glnb-graph-tree-row:focus')).toContainText(/24999/);
  });

  test('a heat map of means has their scale, and says so', async ({ page, tmpPath }) => {
    await makeNotebook(page, tmpPath, 'large.ipynb', [LARGE]);
    const panel = await openPanel(page);
    await runCell(page, 0);
    const card = await panel.openTensor('w:0');
    const legend = card.getByRole('img', { name: /^Colour scale from .*, means of \d+×\d+$/ });
    await expect(legend).toBeVisible();
    const end = Number(/to ([\d.e-]+),/.exec((await legend.getAttribute('aria-label')) ?? '')?.[1]);
    // The numbers have a deviation of 1, and what is in them one of 0.1.
    expect(end).toBeGreaterThan(0.1);
    expect(end).toBeLessThan(0.5);
    await card.getByRole('button', { name: 'Full range' }).click();
    await expect(card.getByRole('img', { name: /^Colour scale from -[4-6]\S* to [4-6]\S*, means of/ })).toBeVisible();
  });
});
